import { describe, expect, test } from 'vitest'
import { createWorkspace, openIdp, profileFor, secretsOf } from '../client/workspace.js'

async function signedUp() {
  const idp = await openIdp()
  const profile = profileFor(idp, 'm2m', { scope: 'api.read' })
  const person = profileFor(idp, 'web', { grant: 'password', scope: 'openid', login: { username: 'alice', password: 'env:ALICE' } })
  const project = { version: 1, default_profile: 'm2m', profiles: { m2m: profile, person } }
  const work = await createWorkspace(project)
  const env = { ...secretsOf(idp), ALICE: 'alice-password' }
  let offsetSeconds = 0
  return {
    idp,
    work,
    project,
    wait: (seconds: number) => void (offsetSeconds += seconds),
    run: (line: string, more: Readonly<Record<string, string>> = {}) =>
      work.run(line, { env: { ...env, ...more }, now: () => new Date(Date.now() + offsetSeconds * 1000) }),
  }
}

describe('token', () => {
  test('prints the token and nothing else, and asks the provider only once', async () => {
    const { idp, run } = await signedUp()
    const first = await run('token')
    expect(first).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(/^eyJ[\w.-]+\n$/) as string })
    expect(await run('token m2m')).toEqual(first)
    expect(await run('token -p m2m')).toEqual(first)
    expect(idp.counters()).toMatchObject({ token: 1, discovery: 1 })
  })

  test.for([
    ['-H', /^Authorization: Bearer eyJ[\w.-]+\n$/],
    ['--env', /^export OIDCGW_ACCESS_TOKEN=eyJ[\w.-]+\nexport OIDCGW_TOKEN_TYPE=bearer\nexport OIDCGW_EXPIRES_AT=\d+\n$/],
  ] as const)('%s', async ([flag, shape]) => {
    const { run } = await signedUp()
    expect((await run(`token ${flag}`)).stdout).toMatch(shape)
  })

  test('--json holds the response and where it came from', async () => {
    const { run } = await signedUp()
    const read = async (line: string) => JSON.parse((await run(line)).stdout) as Record<string, unknown>
    expect(await read('token --json')).toMatchObject({
      schema: 'oidcgw/token/v1',
      profile: 'm2m',
      origin: 'grant',
      expires_in: 3600,
      scope: 'api.read',
    })
    expect(await read('token --json')).toMatchObject({ origin: 'store' })
  })

  test('--id prints the ID token, or says that there is none', async () => {
    const { run } = await signedUp()
    expect((await run('token person --id')).stdout).toMatch(/^eyJ/)
    expect(await run('token m2m --id')).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringContaining('has no ID token') as string,
    })
  })

  test('--check tells by exit code alone', async () => {
    const { idp, run, wait } = await signedUp()
    expect(await run('token --check')).toMatchObject({ exitCode: 1, stdout: '' })
    await run('token')
    expect(await run('token --check')).toMatchObject({ exitCode: 0, stdout: '' })
    expect(await run('token --check --min-ttl 2h')).toMatchObject({ exitCode: 1 })
    wait(3600)
    expect(await run('token --check')).toMatchObject({ exitCode: 1 })
    expect(idp.counters().token).toBe(1)
  })

  test('--fresh, --min-ttl and expiry renew; a minute before the end does not', async () => {
    const { idp, run, wait } = await signedUp()
    await run('token')
    await run('token --fresh')
    expect(idp.counters().token).toBe(2)
    await run('token --min-ttl 59m')
    expect(idp.counters().token).toBe(2)
    await run('token --min-ttl 61m')
    expect(idp.counters().token).toBe(3)
    wait(3540)
    await run('token')
    expect(idp.counters().token).toBe(3)
    wait(40)
    await run('token')
    expect(idp.counters().token).toBe(4)
  })

  test('an expired token with a refresh token is refreshed, and keeps its ID token', async () => {
    const { run, wait } = await signedUp()
    const read = async () => JSON.parse((await run('token person --json')).stdout) as { origin: string; id_token?: string }
    expect((await read()).origin).toBe('grant')
    wait(3571)
    expect(await read()).toMatchObject({ origin: 'refresh', id_token: expect.any(String) as string })
  })

  test('a refresh token that the provider no longer takes leads to the grant again', async () => {
    const { idp, run, wait } = await signedUp()
    await run('token person')
    wait(3571)
    idp.fault({ endpoint: 'token', status: 400, body: { error: 'invalid_grant' } })
    const result = await run('token person --json')
    expect(JSON.parse(result.stdout)).toMatchObject({ origin: 'grant' })
  })

  test('--no-store leaves nothing on disk', async () => {
    const { idp, run } = await signedUp()
    await run('token --no-store')
    await run('token --no-store')
    expect(idp.counters().token).toBe(2)
    expect(await run('token --check')).toMatchObject({ exitCode: 1 })
  })

  test.for([
    ['the scope', { scope: 'api.write' }],
    ['the audience', { audience: 'other-api' }],
    ['a parameter', { params: { x: 'y' } }],
    ['the client', { client: { id: 'introspector', secret: 'env:INTROSPECTOR_SECRET' } }],
    ['the resource', { resource: 'https://billing.example/api' }],
  ] as const)('an edited profile never gives the old token: %s', async ([, change]) => {
    const { project, work, run } = await signedUp()
    const before = await run('token')
    await work.write('oidcgw.yaml', { ...project, profiles: { ...project.profiles, m2m: { ...project.profiles.m2m, ...change } } })
    const after = await run('token')
    expect(after).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^eyJ/) as string })
    expect(after.stdout).not.toBe(before.stdout)
  })

  test('a store that others can write is not trusted', async () => {
    const { work, run } = await signedUp()
    await run('token')
    const { chmod, readdir } = await import('node:fs/promises')
    const folder = `${work.env['OIDCGW_STORE']}/tokens`
    for (const file of await readdir(folder)) await chmod(`${folder}/${file}`, 0o622)
    expect(await run('token')).toMatchObject({
      exitCode: 5,
      stdout: '',
      stderr: expect.stringContaining('can be written by others') as string,
    })
    for (const file of await readdir(folder)) await chmod(`${folder}/${file}`, 0o644)
    expect(await run('token')).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('was readable by others') as string })
    expect(await run('token')).toMatchObject({ exitCode: 0, stderr: '' })
  })
})
