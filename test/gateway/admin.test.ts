import { readFileSync } from 'node:fs'
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

async function start(text = document(['/a', '/b', '/c']), env = {}) {
  const load = (given: string) => loadKongDocument([{ file: 'kong.yaml', text: given }], { env })
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

  test.for([
    { name: 'a file (curl -F config=@kong.yaml)', part: new File([document(['/new'])], 'kong.yaml') },
    { name: 'a text (curl -F config=…)', part: document(['/new']) },
  ])('publishes a document that is $name', async ({ part }) => {
    const { gateway, get } = await start()
    const send = (name: string) => {
      const body = new FormData()
      body.append(name, part)
      return get('/config', { method: 'POST', body })
    }
    expect((await send('configuration')).status).toBe(400)
    expect((await send('config')).status).toBe(201)
    expect(gateway.config.routes.map(({ name }) => name)).toEqual(['r-new'])
    const broken = { method: 'POST', body: 'no parts', headers: { 'content-type': 'multipart/form-data; boundary=x' } }
    expect((await get('/config', broken)).status).toBe(400)
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

  test('a document that loads and cannot be served is 400 too', async () => {
    const { gateway, post } = await start()
    const { status, body } = await post('/config', '_format_version: "3.0"\ncertificates: [{ cert: none, key: none }]\n')
    expect({ status, body }).toMatchObject({
      status: 400,
      body: {
        code: 14,
        name: 'invalid declarative configuration',
        message: expect.stringMatching(/^declarative config is invalid: certificate .* cannot be used/) as string,
      },
    })
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

  test('never shows a secret: known fields at any depth, members of other plugins that sound like one, headers, keys', async () => {
    const secret = 'TOP-SECRET-VALUE'
    const jwk = { kty: 'oct', kid: 'mine', k: secret }
    const oidc = { issuer: 'http://127.0.0.1:1', client_id: ['c'], client_secret: [secret], client_jwk: [jwk], redis: { password: secret } }
    const plugins = [
      { name: 'openid-connect', config: oidc },
      { name: 'key-auth', config: { api_key: secret, nested: [{ webhook_token: secret, plain: 'shown' }] } },
      { name: 'http-log', config: { headers: { Authorization: `Basic ${secret}` } } },
      { name: 'request-transformer', config: { add: { headers: [`Authorization:Basic ${secret}`, 'X-Plain:shown'] } } },
    ]
    const [cert = '', key = ''] = ['crt', 'key'].map((kind) =>
      readFileSync(new URL(`../../fixtures/gateway/tls/one.${kind}`, import.meta.url), 'utf8'),
    )
    const certificates = [{ cert, key }]
    const text = JSON.stringify({ _format_version: '3.0', plugins, certificates })
    const { get, post } = await start(text)
    const { data } = (await get('/plugins')).body as { data: { name: string; config: Record<string, never> }[] }
    const config = (name: string) => data.find((plugin) => plugin.name === name)?.config
    expect(config('openid-connect')).toMatchObject({
      client_secret: ['[masked]'],
      client_jwk: [{ kid: 'mine', k: '[masked]' }],
      redis: { password: '[masked]' },
    })
    expect(config('key-auth')).toEqual({ api_key: '[masked]', nested: [{ webhook_token: '[masked]', plain: 'shown' }] })
    expect(config('request-transformer')).toMatchObject({ add: { headers: ['Authorization:[masked]', 'X-Plain:shown'] } })
    const answers = await Promise.all(['/', '/status', '/plugins', '/certificates', '/services'].map((path) => get(path)))
    answers.push(await post('/config', text), await post('/config', text.replace('"cert"', '"cret"')))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 201, 400])
    for (const { text: shown } of answers) for (const hidden of [secret, 'PRIVATE KEY']) expect(shown).not.toContain(hidden)
  })

  test('shows the document as it was written: what comes from the environment stays a placeholder', async () => {
    const text = '_format_version: "3.0"\nplugins: [{ name: openid-connect, config: { issuer: "${{ env "DECK_ISSUER" }}" } }]\n'
    const { get } = await start(text, { DECK_ISSUER: 'http://127.0.0.1:1' })
    expect((await get('/config')).body).toEqual({ config: text })
  })

  test('a document of more than 16 MB is 413, and the old one stays', async () => {
    const { gateway, post } = await start()
    const { status, body } = await post('/config', `# ${'x'.repeat(16 * 1024 * 1024)}\n${document(['/big'])}`)
    expect({ status, body }).toEqual({ status: 413, body: { message: 'the document is larger than 16777216 bytes' } })
    expect(gateway.config.routes).toHaveLength(3)
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
