import type { TLSSocket } from 'node:tls'
import type { Configuration, KoaContextWithOIDC } from 'oidc-provider'

const socketOf = (ctx: KoaContextWithOIDC): TLSSocket => ctx.req.socket as TLSSocket

/** Client certificates as authentication and as binding of tokens (RFC 8705). Only an https listener can see them. */
export const MTLS: NonNullable<NonNullable<Configuration['features']>['mTLS']> = {
  enabled: true,
  certificateBoundAccessTokens: true,
  selfSignedTlsClientAuth: true,
  tlsClientAuth: true,
  getCertificate: (ctx) => socketOf(ctx).getPeerX509Certificate()?.toString(),
  certificateAuthorized: (ctx) => socketOf(ctx).authorized,
  certificateSubjectMatches: (ctx, property, expected) => {
    const certificate = socketOf(ctx).getPeerX509Certificate()
    if (!certificate) return false
    // The subject is one attribute a line, most general first; the registered name is one line in either order (RFC 4514).
    if (property === 'tls_client_auth_subject_dn') return dnOf(certificate.subject.split('\n')) === dnOf(expected.split(','))
    const kind =
      { tls_client_auth_san_dns: 'DNS', tls_client_auth_san_ip: 'IP Address', tls_client_auth_san_email: 'email' }[property as string] ??
      'URI'
    return (certificate.subjectAltName ?? '').split(', ').includes(`${kind}:${expected}`)
  },
}

const dnOf = (attributes: readonly string[]): string =>
  attributes
    .map((attribute) => attribute.trim())
    .sort()
    .join(',')
