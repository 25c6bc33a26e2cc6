/** The value of a hexadecimal digit in lower case by its code. */
export const HEX_DIGITS = new Uint8Array(128);
for (let digit = 0; digit < 16; digit++) HEX_DIGITS[digit.toString(16).charCodeAt(0)] = digit;
