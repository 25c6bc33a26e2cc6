import type { Category, CategoryLink } from '../api/types';

const byName = (a: Category, b: Category): number => a.name.localeCompare(b.name, 'en');

/** The departments of the shop, by name. */
export const topLevel = (categories: readonly Category[]): Category[] =>
  categories.filter(({ parentId }) => parentId === null).sort(byName);

export const childrenOf = (categories: readonly Category[], id: string): Category[] =>
  categories.filter(({ parentId }) => parentId === id).sort(byName);

/** From the department down to the category's parent. A parent that is missing ends the walk, and so does a circle. */
export function ancestorsOf(categories: readonly Category[], category: Category): CategoryLink[] {
  const byId = new Map(categories.map((one) => [one.id, one]));
  const chain: Category[] = [];
  let parent = category.parentId === null ? undefined : byId.get(category.parentId);
  while (parent && parent !== category && !chain.includes(parent)) {
    chain.unshift(parent);
    parent = parent.parentId === null ? undefined : byId.get(parent.parentId);
  }
  return chain;
}
