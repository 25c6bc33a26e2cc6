/** Does one thing for an item, together with whatever else is asked for meanwhile. Rejects where the work for its group did. */
export type Combined<Item, Result> = (item: Item) => Promise<Result>;

/**
 * Whoever comes while a group is at work is taken together with the others who have, as the next group; whoever comes alone does
 * not wait for anybody. `work` resolves to one result per item, in their order. At most `lanes` groups are at work at once, each of
 * at most `most` items.
 */
export function combine<Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
  { lanes, most }: { readonly lanes: number; readonly most: number },
): Combined<Item, Result> {
  interface Waiting {
    readonly item: Item;
    readonly resolve: (result: Result) => void;
    readonly reject: (error: unknown) => void;
  }
  const waiting: Waiting[] = [];
  let [running, scheduled] = [0, false];

  const run = async (group: readonly Waiting[]): Promise<void> => {
    try {
      const results = await work(group.map(({ item }) => item));
      if (results.length !== group.length) throw new Error(`${results.length} results for ${group.length} items`);
      group.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  };
  const start = (): void => {
    scheduled = false;
    while (running < lanes && waiting.length > 0) {
      running++;
      void run(waiting.splice(0, most)).then(() => {
        running--;
        start();
      });
    }
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (scheduled) return;
      scheduled = true;
      // After whatever else the sockets have brought in this turn: those who come in one moment go together.
      setImmediate(start);
    });
}
