import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { HttpRequest, HttpResponse } from '../../src/host.js'
import { attempt, type Attempt } from './attempt.js'
import { createWorkspace, openIdp, profileFor } from './workspace.js'

const formOf = (sent: readonly HttpRequest[]): URLSearchParams =>
  new URLSearchParams(sent.findLast(({ body }) => typeof body === 'string' && body.includes('authorization_code'))?.body as string)

describe('authorization code with PKCE (RFC 6749 §4.1, RFC 7636, OIDC Core §3.1)', () => {
  test('somebody signs in, the browser is told, the tokens are kept', async () => {
    const { exitCode, stdout, stderr, person, sent, stored } = await attempt()
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    const url = person.opened[0] as URL
    expect(stderr).toContain(`Sign in at:\n${url.href}\n`)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: 'openid email',
      state: expect.stringMatching(/^[\w-]{43}$/) as string,
      nonce: expect.stringMatching(/^[\w-]{43}$/) as string,
      redirect_uri: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/callback$/) as string,
    })
    const verifier = formOf(sent).get('code_verifier') as string
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(url.searchParams.get('code_challenge'))
    expect(await stored()).toMatchObject({ origin: 'store', id_token: expect.stringMatching(/^eyJ/) as string, scope: 'openid email' })
    expect(person.pages).toHaveLength(1)
    expect(person.pages[0]).toMatchObject({ status: 200, html: expect.stringContaining('Signed in') as string })
    for (const secret of [verifier, formOf(sent).get('code') as string]) expect(stderr).not.toContain(secret)
  })

  test('two logins share neither state nor nonce nor verifier', async () => {
    const idp = await openIdp()
    const runs = await Promise.all([attempt({ idp }), attempt({ idp })])
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(new Set(runs.map(({ person }) => person.opened[0]?.searchParams.get(name))).size).toBe(2)
    }
  })

  const changed = (name: string, value: string | undefined) => (url: URL) => {
    if (value === undefined) url.searchParams.delete(name)
    else url.searchParams.set(name, value)
    return url
  }
  test.for<Attempt & { name: string; exit: number; says: RegExp | string }>([
    { name: 'a wrong state', onTheWayBack: changed('state', 'x'.repeat(43)), exit: 3, says: /state/ },
    { name: 'no state', onTheWayBack: changed('state', undefined), exit: 3, says: /state/ },
    { name: 'a wrong iss (RFC 9207)', onTheWayBack: changed('iss', 'https://evil.example'), exit: 3, says: /iss/ },
    { name: 'no iss although the provider promises one (RFC 9207 §2.4)', onTheWayBack: changed('iss', undefined), exit: 3, says: /iss/ },
    { name: 'a nonce of somebody else’s login', onTheWay: changed('nonce', 'other'), exit: 3, says: /nonce/ },
    { name: 'a code of another PKCE challenge', onTheWay: changed('code_challenge', 'a'.repeat(43)), exit: 3, says: 'invalid_grant' },
    { name: 'a code that is none', onTheWayBack: changed('code', 'nonsense'), exit: 3, says: 'invalid_grant' },
    {
      name: 'a person who cancels',
      onTheWayBack: (url) => changed('error', 'access_denied')(changed('code', undefined)(url)),
      exit: 3,
      says: 'access_denied',
    },
    { name: 'prompt=none without a session', profile: { prompt: 'none' }, exit: 3, says: 'login_required' },
  ])('$name → exit $exit, nothing kept, the browser sees the failure page', async ({ exit, says, ...options }) => {
    const { exitCode, stdout, stderr, stored, person } = await attempt(options)
    expect({ exitCode, stdout }).toEqual({ exitCode: exit, stdout: '' })
    expect(stderr).toMatch(says)
    expect(await stored()).toBeUndefined()
    expect(person.pages[0]).toMatchObject({ status: 400, html: expect.stringContaining('Not signed in') as string })
  })

  const withIdToken = (change: (parts: string[]) => void) => (request: HttpRequest, response: HttpResponse) => {
    if (!request.url.pathname.endsWith('/token')) return response
    const body = JSON.parse(response.body.toString()) as { id_token: string }
    const parts = body.id_token.split('.')
    change(parts)
    return { ...response, body: Buffer.from(JSON.stringify({ ...body, id_token: parts.join('.') })) }
  }
  test('an ID token with a broken signature is refused, even over the direct line', async () => {
    const onAnswer = withIdToken((parts) => void (parts[2] = Buffer.alloc(256, 1).toString('base64url')))
    const { exitCode, stored, stderr } = await attempt({ onAnswer })
    expect(exitCode, stderr).toBe(3)
    expect(await stored()).toBeUndefined()
  })

  test('an access token that at_hash does not fit is refused (OIDC Core §3.1.3.8)', async () => {
    const idp = await openIdp()
    const onAnswer = (request: HttpRequest, response: HttpResponse): HttpResponse => {
      if (!request.url.pathname.endsWith('/token')) return response
      const body = JSON.parse(response.body.toString()) as Record<string, string>
      const claims = JSON.parse(Buffer.from((body['id_token'] ?? '').split('.')[1] ?? '', 'base64url').toString()) as Record<
        string,
        unknown
      >
      const id_token = idp.sign({ ...claims, at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' })
      return { ...response, body: Buffer.from(JSON.stringify({ ...body, id_token })) }
    }
    const { exitCode, stderr } = await attempt({ idp, onAnswer })
    expect(exitCode).toBe(3)
    expect(stderr).toContain('at_hash does not fit the access token')
  })

  test('a sign-in older than max_age is refused (OIDC Core §3.1.3.7)', async () => {
    const idp = await openIdp()
    const onAnswer = (request: HttpRequest, response: HttpResponse): HttpResponse => {
      if (!request.url.pathname.endsWith('/token')) return response
      const body = JSON.parse(response.body.toString()) as Record<string, string>
      const claims = JSON.parse(Buffer.from((body['id_token'] ?? '').split('.')[1] ?? '', 'base64url').toString()) as Record<
        string,
        unknown
      >
      const id_token = idp.sign({ ...claims, at_hash: undefined, auth_time: Number(claims['iat']) - 3600 })
      return { ...response, body: Buffer.from(JSON.stringify({ ...body, id_token })) }
    }
    expect(await attempt({ idp, onAnswer, profile: { max_age: 60 } })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringMatching(/auth_time|max_age/i) as string,
    })
    expect(await attempt({ idp, profile: { max_age: 60 } })).toMatchObject({ exitCode: 0 })
  })

  test('nobody comes: exit 3 and nothing listens any more', async () => {
    const { exitCode, stderr, person } = await attempt({
      instead: async (_, redirectUri) => redirectUri,
      onTheWayBack: () => undefined,
      args: ['--login-timeout', '60ms'],
    })
    expect(exitCode).toBe(3)
    expect(stderr).toContain('nobody signed in within')
    await expect(fetch(person.opened[0]?.searchParams.get('redirect_uri') as string)).rejects.toThrow('fetch failed')
  })

  test('Ctrl-C: exit 130 and nothing listens any more', async () => {
    const controller = new AbortController()
    const instead = async (_: URL, redirectUri: URL): Promise<URL> => {
      controller.abort()
      return redirectUri
    }
    const { exitCode, person } = await attempt({ signal: controller.signal, instead, onTheWayBack: () => undefined })
    expect(exitCode).toBe(130)
    await expect(fetch(person.opened[0]?.searchParams.get('redirect_uri') as string)).rejects.toThrow('fetch failed')
  })

  test('without anybody to ask and without a named browser: exit 6', async () => {
    const idp = await openIdp()
    const work = await createWorkspace({ profiles: { p: profileFor(idp, 'native', { grant: 'authorization_code' }) } })
    expect(await work.run('login p')).toMatchObject({
      exitCode: 6,
      stdout: '',
      stderr: expect.stringContaining('somebody has to sign in') as string,
    })
    expect(await work.run('token p')).toMatchObject({ exitCode: 6, stdout: '' })
  })

  test('-q does not hide the URL', async () => {
    const { stderr, person } = await attempt({ args: ['-q'] })
    expect(stderr).toContain(person.opened[0]?.href)
  })

  test('a fixed redirect URI fixes port, path and host; a busy port is exit 2', async () => {
    const idp = await openIdp()
    const { createServer } = await import('node:net')
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const { port } = taken.address() as { port: number }
    const profile = { login: { redirect_uri: `http://127.0.0.1:${port}/callback` } }
    expect(await attempt({ idp, profile })).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(`127.0.0.1:${port}`) as string })
    await new Promise((resolve) => taken.close(resolve))
    const { exitCode, person } = await attempt({ idp, profile })
    expect(exitCode).toBe(0)
    expect(person.opened[0]?.searchParams.get('redirect_uri')).toBe(`http://127.0.0.1:${port}/callback`)
  })
})
