/**
 * Runs `task` while no other window of the shop runs one of the same name. A browser without such locks (they need HTTPS) runs
 * it at once: whoever calls looks again, after each wait, whether another window was faster.
 */
export function inOneWindow<T>(name: string, task: () => Promise<T>): Promise<T> {
  const locks = (navigator as { readonly locks?: LockManager }).locks;
  if (!locks) return task();
  return locks.request(name, task) as Promise<T>;
}
