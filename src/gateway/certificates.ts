import { createSecureContext, type SecureContext } from 'node:tls'
import { holdsPem } from '../config/pem.js'
import { OidcgwError } from '../errors.js'
import type { KongConfig } from '../kong/entities.js'

/** PEM texts. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

/** The certificates of a document, by server name. */
export interface Certificates {
  /** Exact name, then `*.parent`; undefined means {@link fallback}. */
  select(servername: string): SecureContext | undefined
  /** For other names and for clients that say none: the pair given at the start, else the document's first certificate. */
  readonly fallback: KeyPair | undefined
}

/** @throws {OidcgwError} `ERR_CONFIG_INVALID` when a certificate and its key cannot be used. */
export function createCertificates({ certificates }: Pick<KongConfig, 'certificates'>, keyPair: KeyPair | undefined): Certificates {
  const fallback = keyPair ?? certificates[0]
  if (keyPair) toContext(keyPair, 'the TLS certificate')
  const byName = new Map<string, SecureContext>()
  for (const { id, cert, key, snis } of certificates) {
    const context = toContext({ cert, key }, `certificate ${snis[0] ?? id}`)
    for (const sni of snis) byName.set(sni.toLowerCase(), context)
  }
  return {
    fallback: fallback && { cert: fallback.cert, key: fallback.key },
    select(servername) {
      const name = servername.toLowerCase()
      return byName.get(name) ?? byName.get(name.replace(/^[^.]*/, '*'))
    },
  }
}

function toContext({ cert, key }: KeyPair, what: string): SecureContext {
  try {
    if (!holdsPem(cert, 'certificate') || !holdsPem(key, 'private key')) throw new TypeError('no PEM')
    return createSecureContext({ cert, key, minVersion: 'TLSv1.2' })
  } catch (cause) {
    throw new OidcgwError('ERR_CONFIG_INVALID', `${what} cannot be used with its key`, { cause, hint: 'Both are PEM, and belong together' })
  }
}
