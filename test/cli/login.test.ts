import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createWorkspace, openIdp, profileFor, secretsOf } from '../client/workspace.js'

async function signedUp() {
  const idp = await openIdp()
  const work = await createWorkspace({
    version: 1,
    default_profile: 'm2m',
    profiles: {
      m2m: profileFor(idp, 'm2m', { scope: 'api.read' }),
      wrong: profileFor(idp, 'm2m', { client: { secret: 'env:WRONG' } }),
      person: profileFor(idp, 'web', { grant: 'password', scope: 'openid', login: { username: 'alice', password: 'env:ALICE' } }),
      scopes: profileFor(idp, 'm2m', { audience: 'https://nobody.example' }),
    },
  })
  const env = { ...secretsOf(idp), WRONG: 'canary-wrong-secret', ALICE: 'alice-password' }
  return { idp, work, run: (line: string, more: Readonly<Record<string, string>> = {}) => work.run(line, { env: { ...env, ...more } }) }
}

describe('login by client credentials (RFC 6749 §4.4)', () => {
  test('keeps the token in a 0600 file and says what it got, without showing it', async () => {
    const { run, work } = await signedUp()
    const login = await run('login')
    expect(login).toMatchObject({ exitCode: 0, stdout: '' })
    expect(login.stderr).toMatch(/^m2m: access token from http.*\(api\.read; 1 h left; eyJ…?/)
    const token = (await run('token')).stdout.trim()
    expect(login.stderr).not.toContain(token)
    const folder = join(work.env['OIDCGW_STORE'] as string, 'tokens')
    const files = await readdir(folder)
    expect(files).toHaveLength(1)
    expect((await stat(join(folder, files[0] as string))).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    expect(await readFile(join(folder, files[0] as string), 'utf8')).not.toContain('canary')
  })

  test('--json says the same as a document, masked', async () => {
    const { run, idp } = await signedUp()
    const { stdout } = await run('login m2m --json')
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'oidcgw/login/v1',
      profile: 'm2m',
      issuer: idp.issuer,
      grant: 'client_credentials',
      has_id_token: false,
    })
    expect(stdout).not.toMatch(/eyJ[\w-]{20}/)
  })

  test.for([
    { name: 'a wrong secret', line: 'login wrong', exitCode: 3, says: 'client_credentials: the provider said invalid_client' },
    {
      name: 'an unknown profile',
      line: 'login nobody',
      exitCode: 2,
      says: 'no profile named "nobody"\n  hint: Profiles: m2m, wrong, person, scopes',
    },
    { name: 'an audience the provider does not know', line: 'login scopes', exitCode: 3, says: 'invalid_target' },
    { name: 'two profiles', line: 'login m2m -p wrong', exitCode: 2, says: 'two profiles are named' },
    {
      name: 'an issuer where nothing listens',
      line: 'login m2m --issuer http://127.0.0.1:9',
      exitCode: 4,
      says: 'cannot reach http://127.0.0.1:9',
    },
    { name: 'plain http beyond loopback', line: 'login m2m --issuer http://idp.example', exitCode: 2, says: 'without TLS' },
    { name: 'a missing file', line: 'login -c nowhere.yaml', exitCode: 2, says: 'nowhere.yaml cannot be read' },
  ])('$name → exit $exitCode', async ({ line, exitCode, says }) => {
    const { run } = await signedUp()
    const result = await run(line)
    expect(result).toMatchObject({ exitCode, stdout: '' })
    expect(result.stderr).toContain(says)
    expect(result.stderr).not.toContain('canary')
    expect(result.stderr).not.toContain('    at ')
  })

  test('without a profile and without a default: exit 2 and the list', async () => {
    const idp = await openIdp()
    const { run } = await createWorkspace({ profiles: { a: profileFor(idp, 'm2m'), b: profileFor(idp, 'm2m') } })
    expect(await run('login')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('Profiles: a, b') as string })
  })

  test('needs no file: issuer, client id and the secret from stdin', async () => {
    const idp = await openIdp()
    const { run } = await createWorkspace()
    const { client_id, client_secret } = idp.applications.m2m
    const line = `token --issuer ${idp.issuer} --client-id ${client_id} --client-secret-file -`
    expect(await run(line, { stdin: `${client_secret}\n` })).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^eyJ[\w.-]+\n$/) as string,
    })
    const empty = await createWorkspace()
    expect(await empty.run(line, { stdin: '' })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('standard input is empty') as string,
    })
  })

  test('the password grant signs a person in; a wrong password is exit 3', async () => {
    const { run } = await signedUp()
    expect(await run('login person')).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('access, ID, refresh token') as string })
    expect(await run('login person', { ALICE: 'canary-password' })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('invalid_grant') as string,
    })
  })

  test('a provider in trouble is exit 4, a broken discovery too', async () => {
    const { idp, run } = await signedUp()
    idp.fault({ endpoint: 'token', status: 503, body: '<h1>down</h1>' })
    expect(await run('login')).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('HTTP 503') as string })
    idp.fault({ endpoint: 'discovery', status: 200, body: 'hello' })
    expect(await run('login')).toMatchObject({ exitCode: 4, stderr: expect.stringContaining('discovery of') as string })
  })

  test('an issuer that its metadata spells otherwise is refused with both spellings', async () => {
    const { idp, run } = await signedUp()
    const result = await run(`login m2m --issuer ${idp.issuer.replace('127.0.0.1', 'localhost')}`)
    expect(result).toMatchObject({ exitCode: 4 })
    expect(result.stderr).toContain(`issuer: expected ${idp.issuer.replace('127.0.0.1', 'localhost')}`)
    expect(result.stderr).toContain(`got ${idp.issuer}`)
  })

  test('-vv shows the wire with every secret masked', async () => {
    const { idp, run } = await signedUp()
    const { stderr } = await run('login -vv')
    expect(stderr).toContain('> POST ')
    expect(stderr).toContain('authorization: Basic [masked]')
    expect(stderr).toContain('client authentication: client_secret_basic')
    expect(stderr).not.toContain(idp.applications.m2m.client_secret)
    expect(stderr).not.toMatch(/eyJ[\w-]{20}/)
  })
})
