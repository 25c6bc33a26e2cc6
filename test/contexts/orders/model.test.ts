import { playHistories } from './histories';

/** `EASY11_MODEL_HISTORIES=10000 npx jest --selectProjects=platform model` is the long form; the seed of a failure plays it again. */
const HISTORIES = Number(process.env.EASY11_MODEL_HISTORIES ?? 60);
const SEED = Number(process.env.EASY11_MODEL_SEED ?? 1);

test(`${HISTORIES} histories of checkouts, cancellations, dispatches and refunds, with workers that die and come late, go as in the model`, async () => {
  const began = performance.now();
  await playHistories(HISTORIES, SEED);
  const minutes = (performance.now() - began) / 60_000;
  console.info(`${HISTORIES} histories of seed ${SEED}, ${Math.round(HISTORIES / minutes)} a minute`);
}, 7_200_000);
