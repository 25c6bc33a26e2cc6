import type { SourceInteraction } from '../../../src/contexts/recommendations';
import { idOf } from './shelf';

export { idOf };

/**
 * What people of two tastes did with 60 products, of whom each takes of one half alone, 10 things over 100 days. `later`: and then
 * some more of the same, for 60 days.
 */
export async function* tastes({ users = 150, later = false } = {}): AsyncGenerator<SourceInteraction> {
  const day = 86_400_000;
  const start = Date.UTC(2026, 0, 1);
  const deeds: SourceInteraction[] = [];
  for (let user = 0; user < users; user++) {
    for (let n = 0; n < (later ? 16 : 10); n++) {
      const thing = (user % 2) * 30 + ((user * 11 + n * (1 + (user % 7)) * 3 + n) % 30);
      const kind = n % 3 === 0 ? 'purchase' : 'view';
      deeds.push({ user: `vis_${user}`, product: { id: idOf(thing) }, kind, at: start + n * 10 * day + user * 60_000 });
    }
  }
  for (const deed of deeds.sort((a, b) => a.at - b.at)) yield await Promise.resolve(deed);
}
