import type { Department } from '../words';
import { baking } from './baking';
import { bath } from './bath';
import { cleaning } from './cleaning';
import { drinks } from './drinks';
import { fresh } from './fresh';
import { garden } from './garden';
import { gifts } from './gifts';
import { home } from './home';
import { kitchen } from './kitchen';
import { pantry } from './pantry';
import { snacks } from './snacks';
import { table } from './table';

/** The departments of the demo shop: invented brands, things that a grocery and homeware shop really sells. */
export const DEPARTMENTS: readonly Department[] = [
  pantry,
  baking,
  fresh,
  snacks,
  drinks,
  kitchen,
  table,
  home,
  cleaning,
  garden,
  gifts,
  bath,
];
