/**
 * The bytes of a base64url text, or undefined when it is not *the* encoding of them: padding, white space, the standard alphabet,
 * or unused bits that are not zero. One token has one spelling, else a cache or a deny-list can be walked around.
 * @see RFC 7515 §2, RFC 4648 §3.5
 */
export function decodeBase64url(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url')
  return bytes.toString('base64url') === text ? bytes : undefined
}

const borrowed = Buffer.allocUnsafeSlow(16_384)

/** The same for bytes that are read once and not kept: the next call overwrites them. */
export function borrowBase64url(text: string): Buffer | undefined {
  if (text.length > borrowed.length) return decodeBase64url(text)
  const length = borrowed.write(text, 'base64url')
  return borrowed.toString('base64url', 0, length) === text ? borrowed.subarray(0, length) : undefined
}
