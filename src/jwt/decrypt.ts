import { OidcgwError } from '../errors.js'
import type { KeyObject } from 'node:crypto'
import type { FlattenedJWE, GeneralJWE } from 'jose'

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
 * The content of a JWE, compact or as JSON. Slow and asynchronous (jose): for people, not for the gateway, which refuses encrypted tokens.
 * RSA1_5 is refused by name (RFC 8725 §3.2); PBES2 up to 10,000 rounds.
 * @throws {OidcgwError} `ERR_UNSUPPORTED` for algorithms not taken, `ERR_NOT_A_KEY` when the key does not open it.
 */
export async function decryptJwe(token: string, key: KeyObject): Promise<Buffer> {
  const { compactDecrypt, flattenedDecrypt, generalDecrypt, errors } = await import('jose')
  const options = { keyManagementAlgorithms: KEY_MANAGEMENT }
  // The web's cryptography has no X448, and each Node says so in another way.
  if (key.asymmetricKeyType === 'x448') throw notTaken()
  try {
    const jwe = token.startsWith('{') ? (JSON.parse(token) as FlattenedJWE | GeneralJWE) : token
    const { plaintext } =
      typeof jwe === 'string'
        ? await compactDecrypt(jwe, key, options)
        : 'recipients' in jwe
          ? await generalDecrypt(jwe, key, options)
          : await flattenedDecrypt(jwe as FlattenedJWE, key, options)
    return Buffer.from(plaintext)
  } catch (cause) {
    const refused = cause instanceof errors.JOSEAlgNotAllowed || cause instanceof errors.JOSENotSupported
    if (refused) throw notTaken(cause)
    throw new OidcgwError('ERR_NOT_A_KEY', 'this key does not open the encrypted token', {
      cause,
      hint: 'Give the recipient’s private key, or the shared key',
    })
  }
}

const notTaken = (cause?: unknown): OidcgwError =>
  new OidcgwError('ERR_UNSUPPORTED', 'this encrypted token uses an algorithm that is not taken', {
    cause,
    hint: 'RSA1_5 (RFC 8725 §3.2), X448 and unregistered algorithms are refused',
  })
