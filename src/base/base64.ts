/** Base64 (RFC 4648, section 4), which not every engine of ours brings. */

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The bytes of a text with its padding; undefined when it is not base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined;
  const digits = text.replace(/=+$/, "");
  const bytes = new Uint8Array(Math.floor((digits.length * 6) / 8));
  let bits = 0;
  for (let at = 0; at < digits.length; at++) {
    bits = ((bits << 6) | DIGITS.indexOf(digits[at] ?? "")) & 0xffff;
    const spare = ((at + 1) * 6) % 8;
    // Three digits of four complete a byte; the first one does not.
    if (at % 4 > 0) bytes[Math.floor(((at + 1) * 6) / 8) - 1] = bits >> spare;
  }
  return bytes;
}
