import { describe, expect, test } from 'vitest'
import { createWorkspace, openIdp, profileFor, secretsOf } from '../client/workspace.js'

async function signedIn() {
  const idp = await openIdp()
  const login = { username: 'alice', password: 'env:ALICE' }
  const profiles = {
    alice: profileFor(idp, 'native', { grant: 'authorization_code', scope: 'openid', login: { driver: 'form', ...login } }),
    web: profileFor(idp, 'web', { grant: 'password', scope: 'openid', login }),
    m2m: profileFor(idp, 'm2m'),
    introspector: profileFor(idp, 'introspector'),
  }
  const work = await createWorkspace({ default_profile: 'web', profiles })
  const opened: string[] = []
  const openBrowser = async (url: string): Promise<void> => void opened.push(url)
  const run = (line: string | readonly string[]) => work.run(line, { openBrowser, env: { ...secretsOf(idp), ALICE: 'alice-password' } })
  const tokens = async (profile: string) => JSON.parse((await run(`token ${profile} --json`)).stdout) as Record<string, string>
  const isActive = async (token: string | undefined) => (await run(['introspect', '-p', 'introspector', token ?? ''])).exitCode === 0
  return { idp, run, tokens, isActive, opened }
}

describe('logout (RP-Initiated Logout, RFC 7009)', () => {
  test('revokes the refresh token, forgets the tokens, says and opens the provider’s logout', async () => {
    const { idp, run, tokens, isActive, opened } = await signedIn()
    const { id_token, refresh_token } = await tokens('web')
    const result = await run('logout web --browser test --post-logout-redirect-uri https://app.example/bye')
    expect(result).toMatchObject({ exitCode: 0, stdout: '', stderr: expect.stringContaining('Sign out at:\nhttp') as string })
    expect(opened).toHaveLength(1)
    const url = new URL(opened[0] as string)
    expect(`${url.origin}${url.pathname}`).toBe(`${idp.issuer}/v1/logout`)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      id_token_hint: id_token,
      post_logout_redirect_uri: 'https://app.example/bye',
      client_id: 'web',
    })
    expect(await isActive(refresh_token)).toBe(false)
    expect(await run('token web --check')).toMatchObject({ exitCode: 1 })
  })

  test('--local only forgets; nothing stored is no error; a bad URL is exit 2', async () => {
    const { idp, run, tokens, opened } = await signedIn()
    await tokens('web')
    idp.resetCounters()
    expect(await run('logout --local')).toMatchObject({ exitCode: 0, stderr: 'web: tokens forgotten\n' })
    expect(await run('logout --json')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('"was_stored": false') as string })
    expect(Object.values(idp.counters()).every((count) => count === 0)).toBe(true)
    expect(opened).toEqual([])
    expect(await run('logout --post-logout-redirect-uri nonsense')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('is no URL') as string,
    })
  })
})

describe('revoke (RFC 7009)', () => {
  test('the profile’s tokens become inactive and are forgotten', async () => {
    const { run, tokens, isActive } = await signedIn()
    const { access_token } = await tokens('m2m')
    expect(await isActive(access_token)).toBe(true)
    expect(await run('revoke -p m2m')).toMatchObject({ exitCode: 0, stderr: 'revoked: 1 token\n' })
    expect(await isActive(access_token)).toBe(false)
    expect(await run('revoke -p m2m')).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('nothing is stored') as string })
  })

  test('a named token of our own goes, somebody else’s does not', async () => {
    const { run, tokens, isActive } = await signedIn()
    const { access_token } = await tokens('m2m')
    expect((await run(['revoke', '-p', 'web', access_token as string])).exitCode).toBe(3)
    expect(await isActive(access_token)).toBe(true)
    expect(await run(['revoke', '-p', 'm2m', access_token as string])).toMatchObject({ exitCode: 0 })
    expect(await isActive(access_token)).toBe(false)
  })
})
