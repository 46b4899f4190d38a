import { alice, password, status, upstream, type FieldRow } from './row.js'

const mtls = {
  ...password,
  client_auth: ['tls_client_auth'],
  mtls_token_endpoint: '$SECURE',
  tls_client_auth_cert_id: '11111111-1111-4111-8111-111111111111',
}

/** Sections 1.2 and 1.3: certificates on the way to the provider (RFC 8705 §2). */
export const TLS_ROWS: readonly FieldRow[] = [
  {
    field: 'ssl_verify',
    base: { ...password, token_endpoint: '$SECURE' },
    set: { ssl_verify: false },
    ask: alice,
    observe: status,
    default: 401,
    changed: 200,
  },
  {
    field: 'tls_client_auth_cert_id',
    base: { ...mtls, tls_client_auth_ssl_verify: false },
    set: { tls_client_auth_cert_id: '22222222-2222-4222-8222-222222222222' },
    ask: alice,
    observe: upstream('Authorization'),
    default: 'Bearer CN=gateway',
    changed: 'Bearer CN=two.test',
  },
  {
    field: 'tls_client_auth_ssl_verify',
    base: mtls,
    set: { tls_client_auth_ssl_verify: false },
    ask: alice,
    observe: status,
    default: 401,
    changed: 200,
  },
]
