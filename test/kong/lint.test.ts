import { describe, expect, test } from 'vitest'
import { loadKongDocument } from '../../src/kong/document.js'
import { dangersOf, lintKong, LINT_RULES } from '../../src/kong/lint/index.js'

const env = { DECK_SECRET: 'a-secret-of-32-characters-or-more', DECK_ROTTEN: 'short' }

function lint(text: string, kongVersion?: string) {
  const loaded = loadKongDocument([{ file: 'kong.yaml', text }], { env, ...(kongVersion !== undefined && { kongVersion }) })
  expect(loaded.issues.filter(({ severity }) => severity === 'error')).toEqual([])
  return lintKong(loaded, kongVersion)
}

/** One protected route; `config` is written over a configuration nobody finds anything wrong with. */
const oidc = (config: string, rest = '') => `_format_version: "3.0"
services:
  - name: echo
    url: http://127.0.0.1:9080
    routes:
      - name: orders
        paths: ["~/orders(?:/|$)"]
        plugins:
          - name: openid-connect
            config: { ${withDefaults(config)} }
${rest}`

function withDefaults(config: string): string {
  const clean = {
    issuer: 'https://idp.example',
    auth_methods: '[bearer]',
    bearer_token_param_type: '[header]',
    audience_required: '[orders]',
  }
  const own = config
    .split('; ')
    .filter(Boolean)
    .map((part) => /^(\w+): (.*)$/s.exec(part))
    .map((match) => [match?.[1] ?? '', match?.[2] ?? ''] as const)
  return Object.entries({ ...clean, ...Object.fromEntries(own) })
    .filter(([, value]) => value !== '-')
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')
}

const LOGIN = 'auth_methods: [authorization_code, session]; client_id: [demo]; session_secret: "${{ env "DECK_SECRET" }}"'
const ids = (text: string, version?: string) => lint(text, version).map(({ id }) => id)

/** Each rule with a configuration it objects to and a neighbour it lets pass. */
const PLUGIN_ROWS: readonly (readonly [id: string, bad: string, good: string])[] = [
  ['all-auth-methods', 'auth_methods: -', 'auth_methods: [bearer]'],
  ['basic-serves-two-grants', 'auth_methods: [password, client_credentials]', 'auth_methods: [client_credentials]'],
  [
    'openid-scope-with-client-credentials',
    'auth_methods: [client_credentials]',
    'auth_methods: [client_credentials]; scopes: [orders.read]',
  ],
  ['redirect-for-api-clients', `${LOGIN}; auth_methods: [authorization_code, session, bearer]`, LOGIN],
  ['login-without-session', `${LOGIN}; auth_methods: [authorization_code]`, LOGIN],
  ['session-alone', `${LOGIN}; auth_methods: [session]`, LOGIN],
  ['client-id-missing', `${LOGIN}; client_id: -`, LOGIN],
  ['client-lists-differ', 'client_id: [a]; redirect_uri: ["http://a/orders", "http://b/orders"]', 'client_id: [a]; client_auth: [none]'],
  [
    'refresh-token-unread',
    'auth_methods: [refresh_token]; client_id: [a]',
    'auth_methods: [refresh_token]; client_id: [a]; refresh_token_param_name: refresh_token',
  ],
  ['password-grant', 'auth_methods: [password]; client_id: [a]', 'auth_methods: [bearer]'],
  ['bearer-cookie-name', 'bearer_token_param_type: [cookie]', 'bearer_token_param_type: [cookie]; bearer_token_cookie_name: at'],
  ['bearer-cookie-name', 'bearer_token_cookie_name: at', 'auth_methods: [bearer]'],
  ['token-in-query', 'bearer_token_param_type: [query]', 'bearer_token_param_type: [header, body]'],
  ['samesite-strict', `${LOGIN}; session_cookie_same_site: Strict`, `${LOGIN}; session_cookie_same_site: Lax`],
  [
    'form-post-same-site',
    `${LOGIN}; response_mode: form_post; authorization_cookie_same_site: Lax`,
    `${LOGIN}; response_mode: form_post; authorization_cookie_same_site: None`,
  ],
  [
    'same-site-none-insecure',
    `${LOGIN}; session_cookie_same_site: None; session_cookie_secure: false`,
    `${LOGIN}; session_cookie_same_site: None; session_cookie_secure: true`,
  ],
  ['cookie-readable-by-scripts', `${LOGIN}; session_cookie_http_only: false`, `${LOGIN}; session_cookie_http_only: true`],
  ['session-secret-missing', `${LOGIN}; session_secret: -`, LOGIN],
  ['session-secret-short', `${LOGIN}; session_secret: "\${{ env "DECK_ROTTEN" }}"`, LOGIN],
  ['session-timeouts-contradict', `${LOGIN}; session_idling_timeout: 7200`, `${LOGIN}; session_idling_timeout: 3600`],
  ['session-timeouts-contradict', `${LOGIN}; session_absolute_timeout: 60`, `${LOGIN}; session_absolute_timeout: 0`],
  ['session-storage-not-imitated', `${LOGIN}; session_storage: memcached`, `${LOGIN}; session_storage: redis`],
  ['login-tokens-in-url', `${LOGIN}; login_action: redirect`, `${LOGIN}; login_action: redirect; login_tokens: null`],
  [
    'no-refresh-token',
    `${LOGIN}; issuer: https://tenant.okta.com`,
    `${LOGIN}; issuer: https://tenant.okta.com; scopes: [openid, offline_access]`,
  ],
  ['no-refresh-token', `${LOGIN}; upstream_refresh_token_header: x-refresh`, LOGIN],
  ['no-refresh-token', `${LOGIN}; session_remember: true`, `${LOGIN}; refresh_tokens: false; session_remember: true`],
  ['redirect-uri-from-request', LOGIN, `${LOGIN}; redirect_uri: ["https://gateway/orders"]`],
  ['logout-link-does-not-work', `${LOGIN}; logout_uri_suffix: /logout`, `${LOGIN}; logout_uri_suffix: /logout; logout_methods: [GET]`],
  [
    'redis-in-the-clear',
    `${LOGIN}; session_storage: redis; redis: { host: redis.example }`,
    `${LOGIN}; session_storage: redis; redis: { host: 127.0.0.1 }`,
  ],
  ['signature-not-verified', 'verify_signature: false', 'verify_signature: true'],
  ['signature-ignored', 'ignore_signature: [session]', 'ignore_signature: []'],
  ['claims-not-verified', 'verify_claims: false', 'verify_claims: true'],
  ['nonce-not-verified', 'verify_nonce: false', 'verify_nonce: true'],
  ['issuers-allowed-narrows-nothing', 'issuers_allowed: ["https://a"]', 'issuers_allowed: ["https://a"]; verify_claims: false'],
  ['hs-signatures', 'enable_hs_signatures: true', 'enable_hs_signatures: false'],
  ['audience-unchecked', 'audience_required: -', 'audience_required: [orders]'],
  ['large-leeway', 'leeway: 3600', 'leeway: 60'],
  [
    'introspection-hidden-by-cache',
    'auth_methods: [introspection]; client_id: [a]; introspect_jwt_tokens: true',
    'auth_methods: [introspection]; client_id: [a]; introspect_jwt_tokens: true; cache_introspection: false',
  ],
  [
    'introspection-hidden-by-cache',
    'auth_methods: [introspection]; client_id: [a]',
    'auth_methods: [introspection]; client_id: [a]; cache_introspection: false',
  ],
  ['hidden-credential-comes-back', 'hide_credentials: true', 'hide_credentials: true; upstream_access_token_header: null'],
  ['extra-keys-cached', 'extra_jwks_uris: ["https://idp.example/more"]', 'jwks_endpoint: "https://idp.example/other"'],
  ['inactive-tokens-accepted', 'introspection_check_active: false', 'introspection_check_active: true'],
  ['errors-displayed', 'display_errors: true', 'display_errors: false'],
  [
    'audience-stays-home',
    'auth_methods: [client_credentials]; scopes: [a]; audience: [orders]',
    'auth_methods: [client_credentials]; scopes: [a]; audience: [orders]; token_post_args_names: [audience]; token_post_args_values: [orders]',
  ],
  ['issuer-not-a-url', 'issuer: idp', 'issuer: idp; using_pseudo_issuer: true; jwks_endpoint: "https://idp.example/keys"'],
  ['issuer-without-tls', 'issuer: http://idp.example', 'issuer: http://127.0.0.1:8080'],
  ['pseudo-issuer-endpoints', 'using_pseudo_issuer: true', 'using_pseudo_issuer: true; jwks_endpoint: "https://idp.example/keys"'],
  ['tls-not-verified', 'ssl_verify: false', 'ssl_verify: true'],
  ['tls-not-verified', 'redis: { ssl: true, ssl_verify: false }', 'redis: { ssl: false, ssl_verify: false }'],
  ['proxy-for-the-wrong-scheme', 'http_proxy: "http://p:1"', 'http_proxy: "http://p:1"; https_proxy: "http://p:1"'],
  ['secret-in-the-file', 'client_secret: [open]', 'client_secret: ["${{ env "DECK_SECRET" }}"]'],
  ['secret-in-the-file', 'redis: { password: open }', 'redis: { password: "${{ env "DECK_SECRET" }}" }'],
  ['secret-in-the-file', 'client_jwk: [{ kty: oct, k: open }]', 'client_jwk: [{ kty: oct, k: "${{ env "DECK_SECRET" }}" }]'],
  ['secret-in-the-file', 'https_proxy_authorization: Basic open', 'https_proxy_authorization: Basic ${{ env "DECK_SECRET" }}'],
  [
    'entra-groups',
    'issuer: https://login.microsoftonline.com/tenant/v2.0; groups_required: [admins]',
    'issuer: https://login.microsoftonline.com/tenant/v2.0; groups_required: [6f1c9c5b-e0b7-4d8f-9b1f-2f3a7c5d0e41]',
  ],
  ['entra-issuer-version', 'issuer: https://sts.windows.net/tenant/', 'issuer: https://login.microsoftonline.com/tenant/v2.0'],
  ['auth0-opaque-tokens', `${LOGIN}; issuer: https://shop.eu.auth0.com`, `${LOGIN}; issuer: https://shop.eu.auth0.com; audience: [orders]`],
  ['required-entry-with-spaces', 'groups_required: ["Domain Admins"]', 'groups_required: [Domain, Admins]'],
  ['numeric-path-segment', 'roles_claim: [roles, "1"]', 'roles_claim: [realm_access, roles]'],
  ['anonymous-not-found', 'anonymous: nobody', 'auth_methods: [bearer]'],
  ['consumers-missing', 'consumer_claims: [[sub]]', 'consumer_claims: [[sub]]; consumer_optional: true'],
  ['consumer-group-not-found', 'consumer_groups_claim: [groups]', 'consumer_groups_claim: [groups]; consumer_groups_optional: true'],
  [
    'deprecated-header-lists',
    'upstream_headers_claims: [sub]; upstream_headers_names: [X-User]',
    'upstream_headers: [{ header: X-User, path: [sub] }]',
  ],
  ['redirect-uri-unrouted', `${LOGIN}; redirect_uri: ["http://gateway/callback"]`, `${LOGIN}; redirect_uri: ["http://gateway/orders"]`],
]

describe('rules about openid-connect', () => {
  test('the configuration the rows start from is clean', () => {
    expect(lint(oidc(''))).toEqual([])
  })

  test.for(PLUGIN_ROWS)('%s: %s', ([id, bad, good]) => {
    expect(ids(oidc(bad))).toContain(id)
    expect(ids(oidc(good))).not.toContain(id)
  })
})

const route = (members: string) => `_format_version: "3.0"
services: [{ name: echo, url: "http://127.0.0.1:9080" }]
routes: [{ name: orders, service: echo, ${members} }]
plugins: [{ name: openid-connect, config: { ${withDefaults('')} } }]
`
const acl = (config: string, rest = '') => oidc(config, `          - { name: acl, config: { allow: [admins] } }\n${rest}`)
const OPEN = `_format_version: "3.0"\nservices: [{ name: e, host: e, routes: [{ name: r, paths: [/r/], plugins: PLUGINS }] }]\n`
const GUEST = 'consumers: [{ username: guest'

/** Whole documents. */
const DOCUMENT_ROWS: readonly (readonly [id: string, bad: string, good: string])[] = [
  ['unprotected-route', OPEN.replace('PLUGINS', '[]'), OPEN.replace('PLUGINS', '[{ name: key-auth }]')],
  [
    'unprotected-route',
    OPEN.replace('PLUGINS', '[{ name: request-termination, config: { trigger: x } }]'),
    OPEN.replace('PLUGINS', '[{ name: request-termination }]'),
  ],
  ['prefix-matches-more', route('paths: [/orders]'), route('paths: [/orders/]')],
  ['regex-without-tilde', route('paths: ["/orders/(a|b)"]'), route('paths: ["~/orders/(a|b)$"]')],
  ['regex-without-end', route('paths: ["~/orders/(a|b)"]'), route('paths: ["~/orders/(a|b)$"]')],
  ['upper-case-host', route('hosts: [Shop.example]'), route('hosts: [shop.example]')],
  [
    'tls-on-port-80',
    '_format_version: "3.0"\nservices: [{ name: e, host: e, protocol: https }]',
    '_format_version: "3.0"\nservices: [{ name: e, url: "https://e" }]',
  ],
  ['login-for-scripts', `${oidc(LOGIN)}          - { name: cors }\n`, `${oidc('')}          - { name: cors }\n`],
  ['disabled-plugin', OPEN.replace('PLUGINS', '[{ name: key-auth, enabled: false }]'), OPEN.replace('PLUGINS', '[{ name: key-auth }]')],
  [
    'anonymous-open',
    oidc('anonymous: guest', `${GUEST} }]`),
    oidc('anonymous: guest', `${GUEST}, plugins: [{ name: request-termination }] }]`),
  ],
  [
    'acl-ignores-claim-groups',
    acl('authenticated_groups_claim: [groups]; consumer_claims: [[sub]]', `${GUEST} }]`),
    acl('authenticated_groups_claim: [groups]', `${GUEST} }]`),
  ],
  ['acl-without-groups', acl(''), acl('authenticated_groups_claim: [groups]')],
  [
    'acl-without-groups',
    acl('consumer_claims: [[sub]]', `${GUEST} }]`),
    acl('consumer_claims: [[sub]]', `${GUEST}, acls: [{ group: admins }] }]`),
  ],
]

describe('rules about the whole document', () => {
  test.for(DOCUMENT_ROWS)('%s', ([id, bad, good]) => {
    expect(ids(bad)).toContain(id)
    expect(ids(good)).not.toContain(id)
  })
})

describe('rules about versions (section 1.20)', () => {
  test('a default that changed later is named, unless the value is written', () => {
    const found = lint(oidc(''), '3.9').filter(({ id }) => id === 'default-changes')
    expect(found.map(({ message }) => message)).toEqual([
      'hide_credentials is false in 3.9 and true from 3.14 on',
      'ssl_verify is false in 3.9 and true from 3.14 on',
    ])
    expect(ids(oidc('ssl_verify: true; hide_credentials: false'), '3.9')).not.toContain('default-changes')
    expect(ids(oidc(''), '3.14')).not.toContain('default-changes')
    expect(ids(oidc(''), '3.9')).toContain('tls-not-verified')
    const memcached = lint(oidc(`${LOGIN}; session_storage: memcached`), '3.9')
    expect(memcached.map(({ message }) => message)).toContain('session_memcached_ssl_verify is false in 3.9 and true from 3.14 on')
  })

  test.for([
    ['forbidden-goes-to-unauthorized', 'unauthorized_redirect_uri: ["https://a/"]', '3.9', '3.10'],
    ['nested-claims-in-3-14', 'roles_claim: [realm_access, roles]', '3.14', '3.15'],
  ] as const)('%s is about one version', ([id, config, version, later]) => {
    expect(ids(oidc(config), version)).toContain(id)
    expect(ids(oidc(config), later)).not.toContain(id)
    expect(ids(oidc(''), version)).not.toContain(id)
    expect(ids(oidc(config))).not.toContain(id)
  })
})

describe('findings', () => {
  test('what a start of the gateway says is about protections that are off, and nothing else', () => {
    const text = oidc('verify_signature: false; ssl_verify: false; auth_methods: -; issuer: http://idp.example')
    const loaded = loadKongDocument([{ file: 'kong.yaml', text }], { env })
    expect(dangersOf(loaded).map(({ id }) => id)).toEqual(['signature-not-verified', 'issuer-without-tls', 'tls-not-verified'])
    expect(dangersOf(loadKongDocument([{ file: 'kong.yaml', text: oidc('') }], { env }))).toEqual([])
    expect(dangersOf(loadKongDocument([{ file: 'kong.yaml', text: 'services: []' }], { env }))).toEqual([])
  })

  test('a start also says which protections only Kong has; lint does not, for nothing is wrong with them', () => {
    const text = OPEN.replace('PLUGINS', '[{ name: key-auth }, { name: ip-restriction, enabled: false }, { name: rate-limiting }]')
    const loaded = loadKongDocument([{ file: 'kong.yaml', text }], { env })
    expect(dangersOf(loaded)).toMatchObject([
      { id: 'open-here', severity: 'warning', message: expect.stringMatching(/^key-auth is not imitated/) as string, line: 2 },
    ])
    expect(lintKong(loaded).map(({ id }) => id)).not.toContain('open-here')
  })

  test('each rule has a row here', () => {
    const tested = new Set([...PLUGIN_ROWS, ...DOCUMENT_ROWS].map(([id]) => id))
    expect(LINT_RULES.map(({ id }) => id).filter((id) => !tested.has(id))).toEqual([
      'default-changes',
      'forbidden-goes-to-unauthorized',
      'nested-claims-in-3-14',
    ])
  })

  test('point at the field, and at the configuration when the field is not written', () => {
    const text = oidc('verify_signature: false; auth_methods: -')
    const line = 10
    const config = text.split('\n')[line - 1] ?? ''
    const column = (part: string) => config.indexOf(part) + 1
    expect(lint(text)).toMatchObject([
      { id: 'all-auth-methods', line, column: column('{'), path: 'services[0].routes[0].plugins[0].config.auth_methods' },
      {
        id: 'signature-not-verified',
        line,
        column: column('false'),
        file: 'kong.yaml',
        severity: 'warning',
        advice: 'leave verify_signature out',
      },
    ])
  })

  test('a document that cannot be loaded has only its own issues', () => {
    const loaded = loadKongDocument([{ file: 'kong.yaml', text: 'services: []' }], { env: {} })
    expect(lintKong(loaded)).toEqual(loaded.issues)
  })
})
