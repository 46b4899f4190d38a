import { describe, expect, onTestFinished, test } from 'vitest'
import { startAdmin } from '../../src/gateway/admin/admin.js'
import { startGateway } from '../../src/gateway/gateway.js'
import { loadKongDocument } from '../../src/kong/document.js'

const document = (paths: string[]): string =>
  JSON.stringify({
    _format_version: '3.0',
    services: [
      { name: 'echo', url: 'http://127.0.0.1:1', routes: paths.map((path) => ({ name: `r${path.replaceAll('/', '-')}`, paths: [path] })) },
    ],
    consumers: [{ username: 'alice' }],
    plugins: [{ name: 'openid-connect', config: { issuer: 'http://127.0.0.1:1', client_id: ['c'], client_secret: ['TOP-SECRET-VALUE'] } }],
    upstreams: [{ name: 'pool', targets: [{ target: '127.0.0.1:1', weight: 3 }] }],
  })

async function start(text = document(['/a', '/b', '/c'])) {
  const load = (given: string) => loadKongDocument([{ file: 'kong.yaml', text: given }], { env: {} })
  const gateway = await startGateway({ config: load(text).config as never })
  onTestFinished(() => gateway.close())
  const admin = await startAdmin({ gateway, port: 0, load, text, plugins: ['acl'] })
  onTestFinished(() => admin.close())
  const get = async (path: string, init?: RequestInit) => {
    const answer = await fetch(admin.url + path, init)
    const body = await answer.text()
    return { status: answer.status, body: (body ? JSON.parse(body) : undefined) as never, text: body }
  }
  const post = (path: string, body: string, type = 'text/yaml', headers = {}) =>
    get(path, { method: 'POST', body, headers: { 'content-type': type, ...headers } })
  return { gateway, admin, get, post }
}

describe('the Admin API (section 8.7)', () => {
  test('says who it is and which configuration it serves', async () => {
    const { gateway, get } = await start()
    expect((await get('/')).body).toMatchObject({
      version: expect.stringMatching(/^oidcgw-gateway\//) as string,
      plugins: { available_on_server: ['acl'] },
    })
    expect((await get('/status')).body).toMatchObject({ configuration_hash: gateway.config.hash })
  })

  test('an empty configuration has a hash of zeros', async () => {
    const { get } = await start('_format_version: "3.0"')
    expect((await get('/status')).body).toMatchObject({ configuration_hash: '0'.repeat(32) })
  })

  test.for([
    { name: 'YAML', type: 'text/yaml', body: document(['/new']) },
    { name: 'JSON', type: 'application/json', body: document(['/new']) },
    { name: 'a JSON member', type: 'application/json', body: JSON.stringify({ config: document(['/new']) }) },
    {
      name: 'a form field',
      type: 'application/x-www-form-urlencoded',
      body: new URLSearchParams({ config: document(['/new']) }).toString(),
    },
  ])('publishes a document sent as $name', async ({ type, body }) => {
    const { gateway, get, post } = await start()
    expect((await fetch(`${gateway.url}/new`)).status).toBe(404)
    const answer = await post('/config', body, type)
    expect(answer.status).toBe(201)
    expect(Object.values((answer.body as { routes: object }).routes)).toMatchObject([{ name: 'r-new', paths: ['/new'] }])
    expect((await fetch(`${gateway.url}/new`)).status).not.toBe(404)
    expect((await get('/config')).body).toEqual({ config: document(['/new']) })
  })

  test('check_hash: the same document is 304 and changes nothing, another one is 201', async () => {
    const { post } = await start()
    expect((await post('/config?check_hash=1', document(['/a', '/b', '/c']))).status).toBe(304)
    expect((await post('/config?check_hash=1', document(['/a']))).status).toBe(201)
  })

  test('a bad document is 400 with its errors, as a tree or flat, and the old one stays', async () => {
    const { gateway, post } = await start()
    const bad =
      '_format_version: "3.0"\nservices:\n  - name: s\n    url: http://127.0.0.1:1\n    routes:\n      - name: r\n        paths: [/x]\n        strip_paths: true\n'
    const tree = await post('/config', bad)
    expect(tree.status).toBe(400)
    expect(tree.body).toMatchObject({
      code: 14,
      name: 'invalid declarative configuration',
      fields: { services: { '1': { routes: { '1': {} } } } },
    })
    const flat = await post('/config?flatten_errors=1', bad)
    expect(flat.body).toMatchObject({
      fields: {},
      flattened_errors: [{ entity_type: 'route', path: 'services[0].routes[0]', errors: [{ field: 'strip_paths', type: 'field' }] }],
    })
    expect((await post('/config', '')).status).toBe(400)
    expect(gateway.config.routes).toHaveLength(3)
  })

  test('lists entities in pages', async () => {
    const { get } = await start()
    const first = (await get('/routes?size=2')).body as { data: { name: string }[]; next: string }
    expect(first.data.map(({ name }) => name)).toEqual(['r-a', 'r-b'])
    expect((await get(first.next)).body).toMatchObject({ data: [{ name: 'r-c' }], next: null })
    expect((await get('/routes?size=0')).status).toBe(400)
    expect((await get('/routes?offset=x')).status).toBe(400)
  })

  test('finds one entity by id or name, and what belongs to it', async () => {
    const { gateway, get } = await start()
    const id = gateway.config.services[0]?.id
    expect((await get('/services/echo')).body).toMatchObject({ id, name: 'echo' })
    expect((await get(`/services/${id}`)).body).toMatchObject({ name: 'echo' })
    expect((await get('/services/echo/routes')).body).toMatchObject({ data: [{ service: { id } }, {}, {}] })
    expect((await get('/upstreams/pool/targets')).body).toMatchObject({ data: [{ target: '127.0.0.1:1', weight: 3 }] })
    expect((await get('/consumers/alice')).body).toMatchObject({ username: 'alice' })
    for (const path of ['/services/none', '/services/echo/targets', '/services/echo/routes/x', '/nonsense', '/status/x']) {
      expect(await get(path)).toMatchObject({ status: 404, body: { message: 'Not found' } })
    }
  })

  test('never shows a secret', async () => {
    const { get } = await start()
    const { text } = await get('/plugins')
    expect(text).toContain('client_secret')
    expect(text).not.toContain('TOP-SECRET-VALUE')
  })

  test.for([
    ['POST', 'create'],
    ['PATCH', 'update'],
    ['DELETE', 'remove'],
  ])('%s of an entity is refused: there is no database', async ([method = '', verb]) => {
    const { get } = await start()
    expect(await get('/services', { method })).toMatchObject({
      status: 405,
      body: { message: `cannot ${verb} 'services' entities when not using a database` },
    })
  })

  test('a page of another site cannot publish', async () => {
    const { admin, gateway, post } = await start()
    expect((await post('/config', document(['/evil']), 'text/plain', { origin: 'http://evil.test' })).status).toBe(403)
    expect((await post('/config', document(['/own']), 'text/plain', { origin: admin.url })).status).toBe(201)
    expect(gateway.config.routes.map(({ name }) => name)).toEqual(['r-own'])
  })
})
