/** As in native/src/range/tree.hpp: rows a leaf, children a node, rows in a top list, rows a leaf when filled. */
export const LEAF = 512;
export const FAN = 16;
export const TOP = 32;
export const FILL_BULK = 464;
export const FILL_GROWN = 384;
