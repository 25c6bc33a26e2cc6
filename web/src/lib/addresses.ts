/** Addresses inside the shop; a category's path keeps its slashes. */
export const productAddress = (id: string): string => `/p/${encodeURIComponent(id)}`;

export const categoryAddress = (path: string): string => `/c/${path.split('/').map(encodeURIComponent).join('/')}`;

/** All results of a text, in a category if there is one. */
export function resultsAddress(text: string, category = ''): string {
  const parameters = new URLSearchParams({ q: text.trim() });
  if (category) parameters.set('category', category);
  return `/search?${parameters}`;
}
