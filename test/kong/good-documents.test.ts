import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { loadKongDocument } from '../../src/kong/document.js'

const FOLDER = new URL('../../fixtures/gateway/good/', import.meta.url)
const env = {
  DECK_ISSUER: 'https://idp.example',
  DECK_CLIENT_ID: 'demo',
  DECK_CLIENT_SECRET: 'a-client-secret',
  DECK_SESSION_SECRET: 'a-session-secret-of-32-characters',
  DECK_INTROSPECTION_URL: 'https://idp.example/introspect',
  GATEWAY_SESSION_SECRET: 'another-session-secret-of-32-chrs',
  GATEWAY_CERT: 'certificate',
  GATEWAY_KEY: 'key',
  GATEWAY_JWK_D: 'private-part',
  GATEWAY_CLIENT: '{"mobile":"mobile-secret"}',
  REDIS_PASSWORD: 'redis-secret',
}
const load = (file: string) => loadKongDocument([{ file, text: readFileSync(new URL(file, FOLDER), 'utf8') }], { env })

describe('every published shape of the plugin loads', () => {
  test.for(readdirSync(FOLDER))('%s', (file) => {
    const { config, issues } = load(file)
    expect(issues.filter(({ severity, id }) => severity === 'error' || (severity === 'warning' && id !== 'legacy-name'))).toEqual([])
    const plugins = config?.plugins.filter(({ name }) => name === 'openid-connect') ?? []
    expect(plugins.length).toBeGreaterThan(0)
    for (const plugin of plugins) expect(Object.keys(plugin.config)).toHaveLength(234)
  })

  test('the whole document keeps what it says', () => {
    const { config } = load('whole-document.yaml')
    const [orders, stock] = config?.services ?? []
    expect(orders).toMatchObject({ name: 'orders', host: 'orders.internal', path: '/v1', retries: 2, tags: ['shop'] })
    expect(stock).toMatchObject({ name: 'stock', protocol: 'https', host: 'stock.example', port: 8443, path: '/api' })
    expect(config?.routes).toMatchObject([
      { name: 'stock', strip_path: false, service: stock?.id },
      { name: 'orders', protocols: ['https'], paths: [String.raw`~/orders/(?<id>\d+)$`], headers: { 'x-version': ['~*v[12]'] } },
    ])
    expect(config?.upstreams).toMatchObject([
      {
        targets: [
          { host: '127.0.0.1', port: 9081, weight: 200 },
          { host: '::1', port: 9082, weight: 100 },
          { host: '127.0.0.1', port: 9083, weight: 0 },
        ],
      },
    ])
    expect(config?.consumers).toMatchObject([{ username: 'alice', acls: ['admins'] }])
    expect(config?.plugins[0]?.config).toMatchObject({
      auth_methods: ['bearer'],
      audience_required: ['orders'],
      scopes_required: ['orders.read'],
    })
  })

  test('Kong 2 paths with other characters become regular expressions', () => {
    expect(load('format-2.1.yaml').config?.routes[0]?.paths).toEqual([String.raw`~/orders/\d+$`])
  })

  test('a partial fills in the redis record', () => {
    expect(load('redis-cluster.yaml').config?.plugins[0]?.config['redis']).toMatchObject({
      cluster_nodes: [{ ip: '127.0.0.1', port: 7000 }],
      cluster_max_redirections: 3,
      host: '127.0.0.1',
    })
  })
})
