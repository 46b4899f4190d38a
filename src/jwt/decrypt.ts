import { OidcgwError } from '../errors.js'
import type { KeyObject } from 'node:crypto'

const SIZES: readonly string[] = ['128', '192', '256']

/** Every registered one but RSA1_5. */
const KEY_MANAGEMENT = [
  'dir',
  'ECDH-ES',
  'RSA-OAEP',
  'RSA-OAEP-256',
  'RSA-OAEP-384',
  'RSA-OAEP-512',
  'PBES2-HS256+A128KW',
  'PBES2-HS384+A192KW',
  'PBES2-HS512+A256KW',
].concat(SIZES.flatMap((bits) => [`A${bits}KW`, `A${bits}GCMKW`, `ECDH-ES+A${bits}KW`]))

/**
 * The content of a compact JWE. Slow and asynchronous (jose): for people, not for the gateway, which refuses encrypted tokens.
 * RSA1_5 is refused by name (RFC 8725 §3.2); PBES2 up to 10,000 rounds.
 * @throws {OidcgwError} `ERR_UNSUPPORTED` for algorithms not taken, `ERR_NOT_A_KEY` when the key does not open it.
 */
export async function decryptJwe(token: string, key: KeyObject): Promise<Buffer> {
  const { compactDecrypt, errors } = await import('jose')
  try {
    const { plaintext } = await compactDecrypt(token, key, {
      keyManagementAlgorithms: KEY_MANAGEMENT,
    })
    return Buffer.from(plaintext)
  } catch (cause) {
    const refused = cause instanceof errors.JOSEAlgNotAllowed || cause instanceof errors.JOSENotSupported
    if (refused)
      throw new OidcgwError('ERR_UNSUPPORTED', 'this encrypted token uses an algorithm that is not taken', {
        cause,
        hint: 'RSA1_5 and unregistered algorithms are refused (RFC 8725 §3.2)',
      })
    throw new OidcgwError('ERR_NOT_A_KEY', 'this key does not open the encrypted token', {
      cause,
      hint: 'Give the recipient’s private key, or the shared key',
    })
  }
}
