import { mkdtemp, mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, describe } from 'vitest'
import { loadProject } from '../../src/profile/load.js'
import { overridesFrom, resolveProfile } from '../../src/profile/resolve.js'
import { createMemoryHost } from '../support/memory-host.js'

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'oidcgw-profile-'))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, name, '..'), { recursive: true })
    await writeFile(join(folder, name), text)
  }
  return folder
}

const PROJECT = `
version: 1
default_profile: orders
profiles:
  orders:
    issuer: https://idp.example/oauth2/default
    grant: client_credentials
    client: { id: demo, secret: env:DEMO_SECRET }
    scope: [orders.read, orders.write]
    params: { tenant: 7 }
  alice: { extends: orders, grant: authorization_code, scope: openid, login: { driver: form, username: alice, password: file:alice.txt, timeout: 2m } }
  tv: { extends: alice, grant: device_code }
gateways:
  local: { url: "http://127.0.0.1:8000", kong: kong.yaml, echo: body.headers }
suites:
  smoke: { cases: [{ get: / }] }
`

test('reads the project file, applies extends and keeps suites raw with their positions', async () => {
  const cwd = await folderWith({ 'oidcgw.yaml': PROJECT })
  const project = await loadProject(createMemoryHost({ cwd }))
  expect(project).toMatchObject({
    file: join(cwd, 'oidcgw.yaml'),
    default_profile: 'orders',
    gateways: { local: { url: 'http://127.0.0.1:8000', kong: join(cwd, 'kong.yaml'), echo: 'body.headers' } },
    suites: { smoke: { cases: [{ get: '/' }] } },
  })
  expect(project.source?.position(['suites', 'smoke', 'cases', 0])).toEqual({ line: 16, column: 20 })
  expect(resolveProfile(project, 'alice')).toEqual({
    name: 'alice',
    issuer: 'https://idp.example/oauth2/default',
    grant: 'authorization_code',
    client: { id: 'demo', secret: 'env:DEMO_SECRET' },
    scope: 'openid',
    params: { tenant: '7' },
    login: { driver: 'form', username: 'alice', password: `file:${join(cwd, 'alice.txt')}`, timeoutMs: 120_000 },
  })
  expect(resolveProfile(project, 'tv').grant).toBe('urn:ietf:params:oauth:grant-type:device_code')
  expect(resolveProfile(project, undefined)).toMatchObject({ name: 'orders', scope: 'orders.read orders.write' })
})

describe('problems come together, each with its place', () => {
  test('an unknown field, a bad value, a literal secret', async () => {
    const cwd = await folderWith({
      'oidcgw.yaml':
        'version: 1\nprofiles:\n  a:\n    isuer: https://x\n    grant: client_credentals\n    client: { id: x, secret: hunter2 }\n',
    })
    const failure = loadProject(createMemoryHost({ cwd }))
    await expect(failure).rejects.toMatchObject({ code: 'ERR_CONFIG_INVALID' })
    const message = await failure.catch((error: Error) => error.message)
    expect(message).toContain('oidcgw.yaml:4:5  profiles.a.isuer: unknown field (did you mean "issuer"?)')
    expect(message).toContain('oidcgw.yaml:5:12  profiles.a.grant: "client_credentals" is not one of')
    expect(message).toContain('did you mean "client_credentials"?')
    expect(message).toContain('oidcgw.yaml:6:30  profiles.a.client.secret: a secret is written as env:NAME')
    expect(message).not.toContain('hunter2')
  })

  test.for([
    [
      'a parent that does not exist',
      'profiles:\n  ann: {}\n  b: { extends: anne }\n',
      'oidcgw.yaml:3:17  profiles.b.extends: no profile named "anne" (did you mean "ann"?)',
    ],
    ['a circle', 'profiles:\n  a: { extends: b }\n  b: { extends: a }\n', 'profiles.a.extends: goes in a circle: a → b → a'],
    ['an unknown default', 'default_profile: c\nprofiles:\n  a: {}\n', 'oidcgw.yaml:1:18  default_profile: no profile named "c"'],
    ['a duplicate key', 'profiles:\n  a: {}\n  a: {}\n', 'oidcgw.yaml:3:3'],
    ['a list where a mapping belongs', '- a\n', 'oidcgw.yaml:1:1'],
    ['another version', 'version: 2\n', 'oidcgw.yaml:1:10  version: must be 1'],
    ['no duration', 'profiles:\n  a: { login: { timeout: soon } }\n', 'profiles.a.login.timeout: "soon" is no duration'],
  ] as const)('%s', async ([, text, expected]) => {
    const cwd = await folderWith({ 'oidcgw.yaml': text })
    await expect(loadProject(createMemoryHost({ cwd }))).rejects.toMatchObject({ message: expect.stringContaining(expected) as string })
  })

  test('a named file that is missing is refused, an unnamed one is not', async () => {
    const cwd = await folderWith({})
    await expect(loadProject(createMemoryHost({ cwd }), { configFile: 'other.yaml' })).rejects.toMatchObject({
      code: 'ERR_CONFIG_NOT_FOUND',
    })
    await expect(loadProject(createMemoryHost({ cwd, env: { OIDCGW_CONFIG: 'x.yaml' } }))).rejects.toMatchObject({
      code: 'ERR_CONFIG_NOT_FOUND',
    })
    await expect(loadProject(createMemoryHost({ cwd }))).resolves.toMatchObject({ profiles: {}, file: undefined })
  })
})

describe('precedence: flag, environment, project file, user file, default', () => {
  const user =
    'default_profile: mine\nprofiles:\n  mine: { issuer: https://u.example, client: { id: u } }\n  orders: { client: { id: user-id, secret: env:MINE } }\n'
  const project = 'profiles:\n  orders: { issuer: https://p.example, client: { id: project-id } }\n'
  const load = async (env: Readonly<Record<string, string>> = {}) => {
    const cwd = await folderWith({ 'oidcgw.yaml': project, 'home/oidcgw/config.yaml': user })
    return loadProject(createMemoryHost({ cwd, env: { XDG_CONFIG_HOME: join(cwd, 'home'), ...env } }))
  }

  test('the project file lies over the person’s own', async () => {
    expect(resolveProfile(await load(), 'orders')).toMatchObject({
      issuer: 'https://p.example',
      client: { id: 'project-id', secret: 'env:MINE' },
    })
    expect(resolveProfile(await load(), undefined).name).toBe('mine')
  })

  test('environment over files, flags over environment', async () => {
    const env = { OIDCGW_CLIENT_ID: 'env-id', OIDCGW_ISSUER: 'https://e.example', OIDCGW_CLIENT_SECRET: 'canary' }
    const fromEnv = resolveProfile(await load(), 'orders', overridesFrom({}, env))
    expect(fromEnv).toMatchObject({ issuer: 'https://e.example', client: { id: 'env-id', secret: 'env:OIDCGW_CLIENT_SECRET' } })
    const flags = { issuer: 'https://f.example', clientId: 'flag-id', clientSecretFile: '-' }
    const fromFlags = resolveProfile(await load(), 'orders', overridesFrom(flags, env))
    expect(fromFlags).toMatchObject({ issuer: 'https://f.example', client: { id: 'flag-id', secret: 'file:-' } })
  })

  test('issuer and client id alone need no profile', async () => {
    const overrides = overridesFrom({ issuer: 'https://f.example', clientId: 'x', clientSecretFile: 's' }, {})
    expect(resolveProfile(await load(), undefined, overrides)).toEqual({
      name: '(flags)',
      issuer: 'https://f.example',
      grant: 'client_credentials',
      client: { id: 'x', secret: 'file:s' },
    })
    expect(resolveProfile(await load(), undefined, overridesFrom({ issuer: 'https://f.example', clientId: 'x' }, {}))).toMatchObject({
      grant: 'authorization_code',
      scope: 'openid',
    })
  })

  test('an unknown name, no name, a missing issuer', async () => {
    const book = await load()
    expect(() => resolveProfile(book, 'toString')).toThrow(
      expect.objectContaining({ code: 'ERR_PROFILE_UNKNOWN', hint: 'Profiles: mine, orders' }) as Error,
    )
    expect(() => resolveProfile({ ...book, default_profile: undefined }, undefined)).toThrow(
      expect.objectContaining({ code: 'ERR_USAGE', hint: 'Profiles: mine, orders' }) as Error,
    )
    const bare = { ...book, profiles: { a: { where: 'oidcgw.yaml:2:3' } } }
    expect(() => resolveProfile(bare, 'a')).toThrow(
      expect.objectContaining({ code: 'ERR_CONFIG_INVALID', where: 'oidcgw.yaml:2:3' }) as Error,
    )
    expect(() => resolveProfile(bare, 'a', { issuer: 'nonsense', clientId: 'x' })).toThrow('is no http(s) URL')
  })
})
