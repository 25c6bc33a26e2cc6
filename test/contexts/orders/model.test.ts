import { playHistories, replayHistory } from './histories';

/** CI plays 10,000. The same seed plays the same histories; a failure says how the one history that failed is played again. */
const HISTORIES = Number(process.env.EASY11_MODEL_HISTORIES ?? 60);
const SEED = Number(process.env.EASY11_MODEL_SEED ?? 1);
const REPLAY = process.env.EASY11_MODEL_REPLAY;
const PATIENCE_MS = 7_200_000;

if (REPLAY === undefined)
  test(
    `${HISTORIES} histories of carts, checkouts, cancellations, dispatches and refunds, with workers that die and come late, go as in the model`,
    async () => {
      const began = performance.now();
      await playHistories(HISTORIES, SEED);
      const minutes = (performance.now() - began) / 60_000;
      console.info(`${HISTORIES} histories of seed ${SEED}, ${Math.round(HISTORIES / minutes)} a minute`);
    },
    PATIENCE_MS,
  );
else test(`the history ${REPLAY} goes as in the model`, () => replayHistory(REPLAY), PATIENCE_MS);
