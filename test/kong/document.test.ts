import { describe, expect, test } from 'vitest'
import type { Issue } from '../../src/errors.js'
import { loadKongDocument, type LoadOptions } from '../../src/kong/document.js'
import type { OpenIdConnectConfig } from '../../src/kong/openid-connect/config.js'

const load = (text: string, options: Partial<LoadOptions> = {}) => loadKongDocument([{ file: 'kong.yaml', text }], { env: {}, ...options })
const ofSeverity = (issues: readonly Issue[], severity: Issue['severity']) =>
  issues.filter((issue) => issue.severity === severity).map(({ id, line, column }) => `${id} ${line}:${column}`)

const withConfig = (config: string) => `_format_version: "3.0"
plugins:
  - name: openid-connect
    config:
      issuer: https://idp.example
${config.replace(/^/gm, '      ')}`

const configOf = (config: string, options: Partial<LoadOptions> = {}) => {
  const loaded = load(withConfig(config), options)
  return { ...loaded, plugin: loaded.config?.plugins[0]?.config as unknown as OpenIdConnectConfig }
}

describe('a document', () => {
  test('becomes services, routes and plugins with their defaults', () => {
    const { config, issues } = load(`_format_version: "3.0"
services:
  - name: echo
    url: https://upstream.example/base
    routes:
      - name: orders
        paths: [/orders]
        plugins: [{ name: acl, config: { allow: [admins] } }]
routes:
  - name: loose
    service: echo
    hosts: ["*.example.com"]
`)
    expect(issues).toEqual([])
    const [service] = config?.services ?? []
    expect(service).toMatchObject({
      protocol: 'https',
      host: 'upstream.example',
      port: 443,
      path: '/base',
      retries: 5,
      connect_timeout: 60_000,
    })
    expect(config?.routes).toMatchObject([
      { name: 'orders', service: service?.id, order: 0, strip_path: true, protocols: ['http', 'https'], https_redirect_status_code: 426 },
      { name: 'loose', service: service?.id, order: 1, hosts: ['*.example.com'] },
    ])
    expect(config?.plugins).toMatchObject([
      { name: 'acl', route: config?.routes[0]?.id, enabled: true, source: { file: 'kong.yaml', line: 8, column: 19 } },
    ])
    expect(config?.plugins[0]?.config).toEqual({
      allow: ['admins'],
      deny: null,
      hide_groups_header: false,
      include_consumer_groups: false,
      always_use_authenticated_groups: false,
    })
  })

  test('keeps its ids and its hash from load to load, as YAML or as JSON; another value changes the hash', () => {
    const yaml = '_format_version: "3.0"\nservices: [{ name: a, host: a.example }]\n'
    const json = '{"services":[{"host":"a.example","name":"a"}],"_format_version":"3.0"}'
    const [first, second, other] = [load(yaml), load(json), load(yaml.replace('a.example', 'b.example'))]
    expect(first.config?.hash).toMatch(/^[0-9a-f]{32}$/)
    expect(second.config?.hash).toBe(first.config?.hash)
    expect(second.config?.services[0]?.id).toBe(first.config?.services[0]?.id)
    expect(other.config?.hash).not.toBe(first.config?.hash)
  })

  test.for([
    { name: 'missing', text: 'services: []', message: '_format_version is missing', at: [1, 1] },
    { name: 'unquoted', text: '_format_version: 3.0', message: 'expected a string, got a number', at: [1, 18] },
    { name: 'unknown', text: '_format_version: "4.0"', message: '"4.0" is not one of 1.1, 2.1, 3.0', at: [1, 18] },
  ])('is refused when its version is $name', ({ text, message, at: [line, column] }) => {
    const { config, issues } = load(text)
    expect(config).toBeUndefined()
    expect(issues).toMatchObject([{ message, line, column }])
  })

  test('several are merged: lists are joined, the first single value counts', () => {
    const { config, issues } = loadKongDocument(
      [
        {
          file: 'a.yaml',
          text: '_format_version: "3.0"\n_info: { defaults: { service: { retries: 1 } } }\nservices: [{ name: a, host: a }]\n',
        },
        { file: 'b.yaml', text: '_info: { defaults: { service: { retries: 9 } } }\nroutes: [{ name: r, service: a, paths: [/r] }]\n' },
      ],
      { env: {} },
    )
    expect(issues).toEqual([])
    expect(config).toMatchObject({ services: [{ retries: 1 }], routes: [{ name: 'r', service: config?.services[0]?.id }] })
  })

  test('names that every object has are unknown fields like any other', () => {
    const { issues } = load(
      '_format_version: "3.0"\nconstructor: []\n__proto__: []\n_info: { defaults: { toString: { a: 1 } } }\nplugins: [{ name: constructor }]\n',
    )
    expect(issues.map(({ id, line }) => `${id} ${line}`)).toEqual([
      'unknown-field 2',
      'unknown-field 3',
      'not-imitated 4',
      'not-imitated-plugin 5',
    ])
  })

  test('one anchor may serve hundreds of routes', () => {
    const routes = Array.from({ length: 500 }, (_, index) => `  - { name: r${index}, paths: [/r${index}], plugins: *shared }`)
    const { config, issues } = load(
      `_format_version: "3.0"\n_comment: &shared [{ name: openid-connect, config: { issuer: "https://idp.example", leeway: 5 } }]\nroutes:\n${routes.join('\n')}\n`,
    )
    expect(issues).toEqual([])
    expect(config?.plugins).toHaveLength(500)
    expect(config?.plugins[499]).toMatchObject({ config: { leeway: 5 }, source: { line: 2 } })
  })

  test('consumers join groups by name, by mapping, in a collection of their own, or as the group lists them', () => {
    const { config } = load(`_format_version: "3.0"
consumer_groups: [{ name: gold, consumers: [d, { username: e }] }, { name: silver, consumers: [{ username: d }] }]
consumers: [{ username: a, groups: [gold] }, { username: b, groups: [{ name: silver }] }, { username: c }, { username: d }, { username: e }]
consumer_group_consumers: [{ consumer: c, consumer_group: gold }, { consumer: c, consumer_group: { name: silver } }]
`)
    expect(config?.consumers.map(({ groups }) => groups)).toEqual([['gold'], ['silver'], ['gold', 'silver'], ['gold', 'silver'], ['gold']])
  })

  test('an alias bomb is an issue, not a crash', () => {
    const lines = Array.from(
      { length: 9 },
      (_, index) =>
        `a${index}: &a${index} [${Array(9)
          .fill(index ? `*a${index - 1}` : 'x')
          .join(', ')}]`,
    )
    expect(load(lines.join('\n'))).toMatchObject({ config: undefined, issues: [{ id: 'yaml-syntax' }] })
  })
})

describe('${{ env … }}', () => {
  const text = `_format_version: "3.0"
# a comment may name \${{ env "DECK_NOT_SET" }}
services:
  - { name: echo, host: '\${{ env "DECK_HOST" }}', retries: \${{ env "DECK_RETRIES" | toInt }}, prot: x }
`
  test('is put in before reading, and positions stay those of the file', () => {
    const env = { DECK_HOST: 'a-very-long-host-name.example', DECK_RETRIES: '3' }
    const { issues } = load(text, { env })
    const column = (text.split('\n')[3] ?? '').indexOf('prot:') + 1
    expect(ofSeverity(issues, 'error')).toEqual([`unknown-field 4:${column}`])
    expect(load(text.replace(', prot: x', ''), { env }).config?.services).toMatchObject([{ host: env.DECK_HOST, retries: 3 }])
  })

  test.for([
    { name: 'a variable that is not set', template: 'env "DECK_X"', message: 'the environment variable DECK_X is not set' },
    {
      name: 'a name without the prefix',
      template: 'env "HOME"',
      message: 'HOME may not be used here: only variables that begin with DECK_ are read',
    },
    { name: 'an unknown function', template: 'secret "DECK_X"', message: 'the placeholder calls secret, which decK does not know' },
    { name: 'a value that is no integer', template: 'env "DECK_TEXT" | toInt', message: 'toInt: the value is no integer' },
  ])('$name is an issue at its place', ({ template, message }) => {
    const { config, issues } = load(`_format_version: "3.0"\nservices:\n  - host: \${{ ${template} }}\n`, {
      env: { DECK_TEXT: 'abc', HOME: '/root' },
    })
    expect(config).toBeUndefined()
    expect(issues).toMatchObject([{ message, line: 3, column: 11 }])
  })

  test('what was put in never shows in a message', () => {
    const { issues } = configOf('auth_methods: [\'${{ env "DECK_SECRET" }}\']', { env: { DECK_SECRET: 'correct-horse-battery' } })
    expect(issues).toHaveLength(1)
    expect(JSON.stringify(issues)).not.toContain('correct-horse')
    expect(issues[0]?.message).toContain('$DECK_SECRET')
  })

  test('indent keeps the lines of a value inside its block', () => {
    const { config } = load(
      '_format_version: "3.0"\ncertificates:\n  - cert: |\n      ${{ env "DECK_CERT" | indent 6 }}\n    key: ${{ env "DECK_KEY" }}\n',
      { env: { DECK_CERT: 'line one\nline two', DECK_KEY: 'k' } },
    )
    expect(config?.certificates[0]?.cert).toBe('line one\nline two\n')
  })
})

describe('openid-connect', () => {
  test('gets every default of 3.15', () => {
    const { plugin, issues } = configOf('client_id: [demo]')
    expect(issues).toEqual([])
    expect(Object.keys(plugin)).toHaveLength(234)
    expect(plugin).toMatchObject({
      hide_credentials: true,
      ssl_verify: true,
      redis: null,
      client_secret: null,
      session_cookie_name: 'session',
    })
    expect(plugin.auth_methods).toHaveLength(9)
  })

  test('an older version has its own defaults, and refuses what came later', () => {
    expect(configOf('client_id: [demo]', { kongVersion: '3.9' }).plugin).toMatchObject({ hide_credentials: false, ssl_verify: false })
    expect(configOf('redis: { host: r }', { kongVersion: '3.9' }).plugin.redis).toMatchObject({ host: 'r', ssl_verify: false })
    expect(configOf('jwks_endpoint: https://a', { kongVersion: '3.9' }).issues).toMatchObject([{ id: 'newer-field', line: 6, column: 7 }])
    expect(configOf('jwks_endpoint: https://a', { kongVersion: '3.14' }).issues).toEqual([])
  })

  test('null stays null where that means something, and is the default elsewhere', () => {
    const { plugin, issues } = configOf('login_tokens: null\nupstream_access_token_header: null\nleeway: null\nclient_id: null')
    expect(issues).toEqual([])
    expect(plugin).toMatchObject({ login_tokens: null, upstream_access_token_header: null, leeway: 0, client_id: null })
  })

  test('older names are translated with a warning', () => {
    const { plugin, issues } = configOf(`session_redis_host: redis.example
session_cookie_lifetime: 60
session_cookie_samesite: "off"
consumer_claim: [user, name]
session_compressor: zlib
session_storage: memcache
redis: { timeout: 7, sentinel_addresses: ["s1:26379", "s2"] }`)
    expect(new Set(issues.map(({ id, severity }) => `${severity} ${id}`))).toEqual(new Set(['warning legacy-name']))
    expect(issues).toHaveLength(8)
    expect(plugin).toMatchObject({
      session_rolling_timeout: 60,
      session_cookie_same_site: 'Default',
      consumer_claims: [['user', 'name']],
      session_storage: 'memcached',
      redis: {
        host: 'redis.example',
        connect_timeout: 7,
        read_timeout: 7,
        send_timeout: 7,
        sentinel_nodes: [
          { host: 's1', port: 26379 },
          { host: 's2', port: 6379 },
        ],
      },
    })
  })

  test('older names as Kong prints them beside today’s are nobody’s words: no warning, and today’s names count', () => {
    const printed = `session_redis_host: null
session_redis_port: 6379
session_redis_ssl_verify: false
session_cookie_renew: 600
session_compressor: none
consumer_claim: [user, name]
consumer_claims: [[user, name]]
session_redis_prefix: mine
redis: { host: r, prefix: mine, ssl_verify: true, timeout: 7, connect_timeout: 7, read_timeout: 7, send_timeout: 7, cluster_addresses: null }`
    const { plugin, issues } = configOf(printed)
    expect(issues).toEqual([])
    expect(plugin).toMatchObject({
      consumer_claims: [['user', 'name']],
      redis: { host: 'r', port: 6379, prefix: 'mine', ssl_verify: true },
    })
    const contradicting = configOf(
      printed.replace('session_redis_prefix: mine', 'session_redis_prefix: other').replace('timeout: 7,', 'timeout: 8,'),
    )
    expect(contradicting.issues.map(({ line, id }) => `${id} ${line}`)).toEqual(['legacy-name 13', 'legacy-name 14'])
    expect(contradicting.plugin.redis).toMatchObject({ prefix: 'mine', connect_timeout: 7 })
  })

  test('a session in Redis without a redis record uses its defaults', () => {
    expect(configOf('session_storage: redis').plugin.redis).toMatchObject({ host: '127.0.0.1', port: 6379, ssl: false })
  })

  test('fields that are not imitated are announced, each once', () => {
    const { issues, config } = configOf('principals: { enabled: true }\nkeepalive: false\nredis: { keepalive_pool_size: 3 }')
    expect(config).toBeDefined()
    expect(ofSeverity(issues, 'info')).toEqual(['not-imitated-field 6:7', 'not-imitated-field 7:7', 'not-imitated-field 8:16'])
  })

  test('a list of JWKs holds only the members that were given', () => {
    expect(configOf('client_jwk: [{ kty: oct, k: c2VjcmV0, kid: one }]').plugin.client_jwk).toEqual([
      { kty: 'oct', k: 'c2VjcmV0', kid: 'one' },
    ])
  })
})

/** What is taken and changes nothing is told, where it stands; the neighbour says the same as nobody says anything, or is imitated. */
const SILENT_NEIGHBOURS: readonly (readonly [what: string, loud: string, at: string, quiet: string])[] = [
  [
    'a plugin’s ordering',
    'plugins: [{ name: acl, ordering: { before: { access: [cors] } }, config: { allow: [a] } }]',
    '2:24',
    'plugins: [{ name: acl, ordering: null, config: { allow: [a] } }]',
  ],
  ['a plugin’s condition', 'plugins: [{ name: cors, condition: "true" }]', '2:25', 'plugins: [{ name: cors, enabled: true }]'],
  [
    'a service’s client certificate',
    'services: [{ host: a, client_certificate: { id: x } }]',
    '2:23',
    'services: [{ host: a, client_certificate: null }]',
  ],
  ['a service’s authorities', 'services: [{ host: a, ca_certificates: [x] }]', '2:23', 'services: [{ host: a, ca_certificates: [] }]'],
  ['a time to write', 'services: [{ host: a, write_timeout: 7 }]', '2:23', 'services: [{ host: a, write_timeout: 60000 }]'],
  ['an upstream’s Host', 'upstreams: [{ name: a, host_header: b }]', '2:24', 'upstreams: [{ name: a, slots: 10 }]'],
  [
    'a spare target',
    'upstreams: [{ name: a, targets: [{ target: "a:1", failover: true }] }]',
    '2:51',
    'upstreams: [{ name: a, targets: [{ target: "a:1", failover: false }] }]',
  ],
  ['a second certificate', 'certificates: [{ cert: a, key: b, cert_alt: c }]', '2:35', 'certificates: [{ cert: a, key: b, snis: [c] }]'],
  [
    'active health checks',
    'upstreams: [{ name: a, healthchecks: { active: { healthy: { interval: 5 } } } }]',
    '2:48',
    'upstreams: [{ name: a, healthchecks: { active: { healthy: { interval: 0, successes: 2 } }, threshold: 0 } }]',
  ],
  [
    'counted failures',
    'upstreams: [{ name: a, healthchecks: { passive: { unhealthy: { timeouts: 1 } } } }]',
    '2:49',
    'upstreams: [{ name: a, healthchecks: { passive: { unhealthy: { timeouts: 0 } } } }]',
  ],
  [
    'a transformed body',
    'plugins: [{ name: request-transformer, config: { add: { body: ["a:b"], headers: ["c:d"] } } }]',
    '2:57',
    'plugins: [{ name: request-transformer, config: { add: { body: [], headers: ["c:d"] } } }]',
  ],
  [
    'a replaced path',
    'plugins: [{ name: request-transformer, config: { replace: { uri: /x } } }]',
    '2:61',
    'plugins: [{ name: request-transformer, config: { replace: { headers: ["a:b"] } } }]',
  ],
  [
    'transformed JSON',
    'plugins: [{ name: response-transformer, config: { remove: { json: [a] } } }]',
    '2:61',
    'plugins: [{ name: response-transformer, config: { remove: { headers: [a] } } }]',
  ],
]

describe('what is accepted and changes nothing', () => {
  const notes = (text: string) => {
    const { config, issues } = load(`_format_version: "3.0"\n${text}\n`)
    expect(config).toBeDefined()
    return issues.map(({ id, line, column, severity }) => `${severity} ${id} ${line}:${column}`)
  }

  test.for(SILENT_NEIGHBOURS)('%s is told', ([, loud, at, quiet]) => {
    expect(notes(loud)).toEqual([expect.stringMatching(new RegExp(`^info not-imitated(-field)? ${at}$`))])
    expect(notes(quiet)).toEqual([])
  })

  test.for(['grpc', 'grpcs', 'ws', 'wss', 'tcp'])('a route that is for %s alone never matches, and that is told', (protocol) => {
    const route = (protocols: string) =>
      `services: [{ host: a, routes: [{ paths: [/a], hosts: [a], snis: [a], protocols: [${protocols}] }] }]`
    expect(notes(route(protocol))).toEqual([expect.stringMatching(/^warning not-imitated 2:/)])
    expect(notes(route(`${protocol}, https`))).toEqual([])
  })

  test('fields as a dump prints them, each with its default, are no settings', () => {
    const dumped = 'keepalive: true\nhttp_version: 1.1\nprincipals: { enabled: false, directory: default }\nsession_memcached_port: 11211'
    expect(configOf(dumped).issues).toEqual([])
    expect(configOf(dumped.replace('false', 'true')).issues).toMatchObject([{ id: 'not-imitated-field', line: 8 }])
  })
})

describe('{vault://…}', () => {
  const env = { CLIENT_SECRET: 's1', APP_CLIENT: '{"secret":"s2"}' }
  test('is read from the environment in fields that may hold references', () => {
    expect(
      configOf('client_secret: ["{vault://env/client-secret}", "{vault://env/app-client/secret}"]', { env }).plugin.client_secret,
    ).toEqual(['s1', 's2'])
  })

  test('a vaults entity lends its prefix', () => {
    const vaults = '\nvaults: [{ name: env, prefix: mine, config: { prefix: app- } }]'
    const { config } = load(withConfig('client_secret: ["{vault://mine/client/secret}"]') + vaults, { env })
    expect(config?.plugins[0]?.config['client_secret']).toEqual(['s2'])
  })

  test('elsewhere it is only text, and that is said', () => {
    const { plugin, issues } = configOf('session_cookie_name: "{vault://env/client-secret}"', { env })
    expect(plugin.session_cookie_name).toBe('{vault://env/client-secret}')
    expect(issues).toMatchObject([{ id: 'vault-not-referenceable', severity: 'warning' }])
  })

  test('one that leads nowhere leaves the field empty, and the others of a list keep their places', () => {
    const { plugin, issues } = configOf('client_secret: ["{vault://env/nowhere}", b]\nredis: { password: "{vault://aws/x}" }', { env })
    expect(plugin.client_secret).toEqual(['', 'b'])
    expect(plugin.redis?.password).toBeNull()
    expect(issues.map(({ id }) => id)).toEqual(['vault-unresolved', 'vault-not-imitated'])
  })
})
