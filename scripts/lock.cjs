'use strict';
/* One build at a time in one checkout: two `npm start` at once must not write the same files. */
const fs = require('node:fs');
const path = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');

/** A holder that has not written its process id within this time died before it could. */
const WRITE_GRACE_MS = 5_000;
const PATIENCE_MS = 15 * 60_000;

function isAlive(pid) {
  if (pid === process.pid) return false; // our own number from an earlier life (containers count from 1)
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The holder's process id, 0 when it is unknown but may live, or undefined when nobody holds the lock. */
function holderOf(file) {
  try {
    const pid = Number(fs.readFileSync(file, 'utf8'));
    if (pid > 0) return isAlive(pid) ? pid : undefined;
    return Date.now() - fs.statSync(file).mtimeMs < WRITE_GRACE_MS ? 0 : undefined;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function tryToTake(file) {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Moves a dead holder's lock away. Renaming lets exactly one waiter do it. */
function clearDead(file) {
  const grave = `${file}.${process.pid}`;
  try {
    fs.renameSync(file, grave);
    // Between our look and the rename another waiter may have cleared it and taken the lock: give that back.
    if (holderOf(grave) === undefined) fs.rmSync(grave);
    else fs.renameSync(grave, file);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

/**
 * Runs `work` while holding the lock file. Waits for a living holder, and says so once.
 * @template Result
 * @param {string} file
 * @param {() => Promise<Result>} work
 * @returns {Promise<Result>}
 */
async function withLock(file, work) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const began = Date.now();
  let told = false;
  while (!tryToTake(file)) {
    const holder = holderOf(file);
    if (holder === undefined) {
      clearDead(file);
      continue;
    }
    if (Date.now() - began > PATIENCE_MS)
      throw new Error(`another build holds ${file} for too long; delete the file if it is stale`);
    if (!told && holder) console.log(`easy11: waiting for another build (process ${holder})`);
    told ||= holder > 0;
    await sleep(100);
  }
  const release = () => fs.rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    release();
    process.removeListener('exit', release);
  }
}

module.exports = { withLock };
