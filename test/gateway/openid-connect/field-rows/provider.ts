import { alice, bearer, client, count, form, introspection, opaque, password, status, withToken, type FieldRow } from './row.js'

const unknownKid = withToken({}, {}, { kid: 'unknown' })

/** Sections 1.1 to 1.3: where the provider is, how it is reached, with which keys. */
export const PROVIDER_ROWS: readonly FieldRow[] = [
  {
    field: 'discovery_headers_names',
    base: bearer,
    set: { discovery_headers_names: ['X-Key'], discovery_headers_values: ['one'] },
    observe: ({ calls }) => calls.find(({ path }) => path.startsWith('/.well-known'))?.headers['x-key'],
    default: undefined,
    changed: 'one',
  },
  {
    field: 'discovery_headers_values',
    base: { ...bearer, discovery_headers_names: ['X-Key'], discovery_headers_values: ['a'] },
    set: { discovery_headers_values: ['b'] },
    observe: ({ calls }) => calls.find(({ path }) => path.startsWith('/.well-known'))?.headers['x-key'],
    default: 'a',
    changed: 'b',
  },
  {
    field: 'extra_jwks_uris',
    base: { ...bearer, jwks_endpoint: '$ISSUER/empty-1' },
    set: { extra_jwks_uris: ['$ISSUER/jwks'] },
    script: () => ({ '/empty-1': { keys: [] } }),
    observe: status,
    default: 401,
    changed: 200,
  },
  {
    field: 'jwks_endpoint',
    base: bearer,
    set: { jwks_endpoint: '$ISSUER/empty-2' },
    script: () => ({ '/empty-2': { keys: [] } }),
    observe: status,
    default: 200,
    changed: 401,
  },
  {
    field: 'using_pseudo_issuer',
    base: { ...bearer, jwks_endpoint: '$ISSUER/jwks', discovery_headers_names: ['x'], discovery_headers_values: ['pseudo'] },
    set: { using_pseudo_issuer: true },
    observe: count('/.well-known/openid-configuration'),
    default: 1,
    changed: 0,
  },
  {
    field: 'rediscovery_lifetime',
    base: { ...bearer, timeout: 9999 },
    set: { rediscovery_lifetime: 300 },
    ask: [withToken(), unknownKid],
    pause: 60,
    observe: count('/.well-known/openid-configuration'),
    default: 2,
    changed: 1,
  },
  {
    field: 'timeout',
    base: { ...introspection, timeout: 1200 },
    set: { timeout: 50 },
    ask: opaque,
    script: () => ({ '/introspect': 'hang' }),
    observe: ({ answer }) => answer.trace.durationMs > 1000,
    default: true,
    changed: false,
  },
  {
    field: 'http_proxy',
    base: { ...bearer, cache_ttl: 1802 },
    set: { http_proxy: '$ISSUER' },
    observe: ({ calls }) => calls.some(({ target }) => target.startsWith('http://')),
    default: false,
    changed: true,
  },
  {
    field: 'http_proxy_authorization',
    base: { ...bearer, cache_ttl: 1803, http_proxy: '$ISSUER' },
    set: { http_proxy_authorization: 'Basic cDpx' },
    observe: ({ calls }) => calls.at(0)?.headers['proxy-authorization'],
    default: undefined,
    changed: 'Basic cDpx',
  },
  {
    field: 'no_proxy',
    base: { ...bearer, cache_ttl: 1804, http_proxy: '$ISSUER' },
    set: { no_proxy: 'example.org,127.0.0.1' },
    observe: ({ calls }) => calls.some(({ target }) => target.startsWith('http://')),
    default: true,
    changed: false,
  },
  {
    field: 'https_proxy',
    base: { ...bearer, issuer: 'https://idp.invalid' },
    set: { https_proxy: '$ISSUER' },
    observe: ({ calls }) => calls.some(({ method }) => method === 'CONNECT'),
    default: false,
    changed: true,
  },
  {
    field: 'https_proxy_authorization',
    base: { ...bearer, issuer: 'https://idp.invalid', https_proxy: '$ISSUER' },
    set: { https_proxy_authorization: 'Basic cDpx' },
    observe: ({ calls }) => calls.find(({ method }) => method === 'CONNECT')?.headers['proxy-authorization'],
    default: undefined,
    changed: 'Basic cDpx',
  },

  {
    field: 'client_alg',
    base: {
      ...password,
      client_secret: ['a-secret-of-sixty-four-characters-for-the-longest-of-the-hashes!'],
      client_auth: ['client_secret_jwt'],
    },
    set: { client_alg: ['HS512'] },
    ask: alice,
    observe: ({ calls }) => assertionHeader(calls.findLast(({ path }) => path === '/token')?.form.get('client_assertion'))['alg'],
    default: 'HS256',
    changed: 'HS512',
  },
  {
    field: 'client_jwk',
    base: { ...password, client_auth: ['private_key_jwt'] },
    set: {
      client_jwk: [
        {
          kty: 'OKP',
          crv: 'Ed25519',
          kid: 'mine',
          x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
          d: 'nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A',
        },
      ],
    },
    ask: alice,
    observe: ({ calls }) => assertionHeader(calls.findLast(({ path }) => path === '/token')?.form.get('client_assertion'))['kid'],
    default: 'gateway-1',
    changed: 'mine',
  },
  {
    field: 'proof_of_possession_mtls',
    base: { ...bearer, ...client },
    set: { proof_of_possession_mtls: 'strict' },
    observe: status,
    default: 200,
    changed: 401,
  },
  {
    field: 'proof_of_possession_dpop',
    base: bearer,
    set: { proof_of_possession_dpop: 'strict' },
    observe: status,
    default: 200,
    changed: 401,
  },
  ...(['mtls_token_endpoint', 'mtls_introspection_endpoint'] as const).map((field): FieldRow => {
    const isToken = field === 'mtls_token_endpoint'
    const base = {
      ...(isToken ? password : introspection),
      client_auth: ['tls_client_auth'],
      tls_client_auth_cert_id: '11111111-1111-4111-8111-111111111111',
    }
    return {
      field,
      base,
      set: { [field]: '$ISSUER/mtls' },
      ask: isToken ? alice : opaque,
      observe: (seen) => [count('/mtls')(seen), form('/mtls', 'client_id')(seen)],
      default: [0, undefined],
      changed: [1, 'demo'],
    }
  }),
]

const assertionHeader = (assertion: string | null | undefined): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(assertion?.split('.')[0] ?? '', 'base64url').toString() || '{}') as Record<string, unknown>
