/** Elements of a typed array from `begin` on as a list: `Array.from` asks an iterator for each, at many times the price. */
export function listOf(from: Float64Array | Uint32Array, begin: number, size: number): number[] {
  const list: number[] = [];
  for (let i = begin; i < begin + size; i++) list.push(from[i] as number);
  return list;
}

export function putAll(list: readonly number[], into: Float64Array, begin: number): void {
  for (let i = 0; i < list.length; i++) into[begin + i] = list[i] as number;
}
