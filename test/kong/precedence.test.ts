import { describe, expect, test } from 'vitest'
import { loadKongDocument } from '../../src/kong/document.js'
import type { KongConfig } from '../../src/kong/entities.js'
import { outlook } from '../../src/kong/outlook.js'
import { effectivePlugins } from '../../src/kong/precedence.js'

function load(text: string): KongConfig {
  const { config, issues } = loadKongDocument([{ file: 'kong.yaml', text }], { env: {} })
  if (!config) throw new Error(JSON.stringify(issues))
  return config
}

/** A document with an `openid-connect` in each scope that is named, its realm telling which one it is. */
const scoped = (...plugins: readonly string[]): KongConfig =>
  load(`_format_version: "3.0"
services: [{ name: s, host: s, routes: [{ name: r, paths: [/r] }, { name: other, paths: [/o] }] }, { name: t, host: t }]
consumers: [{ username: alice }]
plugins:
${plugins.map((plugin) => `  - { name: ${plugin} }`).join('\n')}
`)

const oidc = (scope: string, host: string) => `openid-connect, ${scope}config: { issuer: "https://${host}" }`
const GLOBAL = oidc('', 'global')
const SERVICE = oidc('service: s, ', 'service')
const ROUTE = oidc('route: r, ', 'route')
const BOTH = oidc('route: r, service: s, ', 'both')

describe('one instance of a plugin runs (section 8.6)', () => {
  test.for([
    { name: 'route and service', plugins: [GLOBAL, SERVICE, ROUTE, BOTH], expected: 'https://both' },
    { name: 'then route', plugins: [ROUTE, GLOBAL, SERVICE], expected: 'https://route' },
    { name: 'then service', plugins: [SERVICE, GLOBAL], expected: 'https://service' },
    { name: 'then global', plugins: [GLOBAL], expected: 'https://global' },
    { name: 'never that of another service', plugins: [oidc('service: t, ', 'other')], expected: undefined },
    { name: 'never that of another route', plugins: [oidc('route: other, ', 'other')], expected: undefined },
    { name: 'not one that is switched off', plugins: [GLOBAL, oidc('route: r, enabled: false, ', 'off')], expected: 'https://global' },
    { name: 'not one for other protocols', plugins: [GLOBAL, oidc('route: r, protocols: [grpc], ', 'grpc')], expected: 'https://global' },
  ])('$name', ({ plugins, expected }) => {
    const config = scoped(...plugins)
    const [route] = config.routes
    expect(route && effectivePlugins(config, route).map(({ config: { issuer } }) => issuer)).toEqual(
      expected === undefined ? [] : [expected],
    )
  })

  test('a plugin of a consumer counts once that consumer is known', () => {
    const config = scoped(
      'rate-limiting, route: r, config: { minute: 1 }',
      'rate-limiting, consumer: alice, route: r, config: { minute: 2 }',
    )
    const [route] = config.routes
    const minutes = (asking?: { consumer: string }) =>
      route && effectivePlugins(config, route, asking).map(({ config: { minute } }) => minute)
    expect(minutes()).toEqual([1])
    expect(minutes({ consumer: config.consumers[0]?.id ?? '' })).toEqual([2])
    expect(minutes({ consumer: 'somebody else' })).toEqual([1])
  })

  test('route and service together are closer than a consumer alone', () => {
    const config = scoped(
      'rate-limiting, route: r, service: s, config: { minute: 1 }',
      'rate-limiting, consumer: alice, config: { minute: 2 }',
    )
    const [route] = config.routes
    const asking = { consumer: config.consumers[0]?.id ?? '' }
    expect(route && effectivePlugins(config, route, asking).map(({ config: { minute } }) => minute)).toEqual([1])
  })
})

describe('what clients would get (section 2.4)', () => {
  const look = (plugins: string, rest = '') => {
    const config = load(`_format_version: "3.0"
services: [{ name: s, host: s, routes: [{ name: r, paths: [/r], plugins: [${plugins}] }] }]
${rest}`)
    const [route] = config.routes
    const answers = route && outlook(config, route)
    return [answers?.anonymous.status, answers?.bearer.status, answers?.browser.status]
  }
  const using = (config: string) => `{ name: openid-connect, config: { issuer: "https://i", ${config} } }`

  test.for([
    { name: 'nothing', plugins: '', expected: [200, 200, 200] },
    { name: 'bearer', plugins: using('auth_methods: [bearer]'), expected: [401, 200, 401] },
    {
      name: 'bearer read from a cookie only',
      plugins: using('auth_methods: [bearer], bearer_token_param_type: [cookie]'),
      expected: [401, 401, 401],
    },
    { name: 'a login', plugins: using('auth_methods: [authorization_code, session]'), expected: [302, 302, 302] },
    { name: 'both', plugins: using('auth_methods: [authorization_code, session, bearer]'), expected: [302, 200, 302] },
    { name: 'client credentials', plugins: using('auth_methods: [client_credentials]'), expected: [401, 401, 401] },
    {
      name: 'a redirect instead of 401',
      plugins: using('auth_methods: [bearer], unauthorized_redirect_uri: ["https://x"]'),
      expected: [302, 200, 302],
    },
    {
      name: 'termination behind it',
      plugins: `${using('auth_methods: [bearer]')}, { name: request-termination }`,
      expected: [401, 503, 401],
    },
    { name: 'termination alone', plugins: '{ name: request-termination, config: { status_code: 418 } }', expected: [418, 418, 418] },
    { name: 'another plugin', plugins: '{ name: key-auth }', expected: [undefined, undefined, undefined] },
    { name: 'a missing anonymous', plugins: using('auth_methods: [bearer], anonymous: guest'), expected: [500, 200, 500] },
  ])('$name', ({ plugins, expected }) => {
    expect(look(plugins)).toEqual(expected)
  })

  test('an anonymous consumer goes on, unless something stops it', () => {
    const plugins = using('auth_methods: [bearer], anonymous: guest')
    expect(look(plugins, 'consumers: [{ username: guest }]')).toEqual([200, 200, 200])
    expect(
      look(plugins, 'consumers: [{ username: guest, plugins: [{ name: request-termination, config: { status_code: 403 } }] }]'),
    ).toEqual([403, 200, 403])
  })
})
