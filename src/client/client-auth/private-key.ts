import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { CryptoKey, PrivateKey } from 'openid-client'
import { OidcgwError } from '../../errors.js'

/**
 * A private key for signing from PEM or JWK text. `alg` comes from the JWK, else from the kind of key (RSA means RS256).
 * @throws {OidcgwError} `ERR_NOT_A_KEY`; the message never holds any of the text.
 */
export async function importPrivateKey(text: string, what: string): Promise<PrivateKey & { readonly alg: string }> {
  const { importJWK } = await import('jose')
  const { key, kid, alg } = read(text, what)
  const jwk = key.export({ format: 'jwk' })
  const chosen = alg ?? algorithmOf(key, jwk.crv)
  if (!chosen) throw notAKey(what, `keys of type ${key.asymmetricKeyType ?? 'unknown'} cannot sign`)
  const imported = await importJWK(jwk as Parameters<typeof importJWK>[0], chosen)
  return { key: imported as CryptoKey, alg: chosen, ...(kid && { kid }) }
}

function read(text: string, what: string): { key: KeyObject; kid?: string; alg?: string } {
  try {
    if (!text.trimStart().startsWith('{')) return { key: createPrivateKey(text) }
    const { kid, alg, ...jwk } = JSON.parse(text) as { kid?: string; alg?: string }
    return { key: createPrivateKey({ key: jwk, format: 'jwk' }), ...(kid && { kid }), ...(alg && { alg }) }
  } catch {
    throw notAKey(what, 'neither PEM nor JWK')
  }
}

const notAKey = (what: string, reason: string): OidcgwError =>
  new OidcgwError('ERR_NOT_A_KEY', `${what}: ${reason}`, { hint: 'Make one with: oidcgw keys new' })

function algorithmOf({ asymmetricKeyType: type }: KeyObject, curve: string | undefined): string | undefined {
  if (type === 'rsa') return 'RS256'
  if (type === 'ed25519') return 'EdDSA'
  return { 'P-256': 'ES256', 'P-384': 'ES384', 'P-521': 'ES512' }[curve ?? '']
}
