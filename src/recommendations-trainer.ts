import { streamSkus } from './contexts/catalogue';
import { serveTraining } from './contexts/recommendations';
import { streamAllInteractions } from './interactions';

/** The process that a model of recommendations is trained in: started by the shop, for one training. */
serveTraining((database) => ({
  products: () => streamSkus(database),
  interactions: () => streamAllInteractions(database),
}));
