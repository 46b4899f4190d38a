import { describe, expect, test } from 'vitest'
import { driveForm } from '../../src/client/form-driver.js'
import type { Host } from '../../src/host.js'
import { createMemoryHost, runOn, type MemoryHost } from '../support/memory-host.js'
import { createWorkspace, openIdp, profileFor, secretsOf } from './workspace.js'

interface Pasting {
  /** The lines somebody types once they know where their browser ended; undefined ends the input. */
  readonly lines?: (redirect: URL) => readonly (string | undefined)[]
  /** Besides, on this machine's own browser. */
  readonly meanwhile?: (redirect: URL) => Promise<unknown>
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly profile?: Readonly<Record<string, unknown>>
  readonly openBrowser?: Host['openBrowser']
}

/** One whole login with somebody at the terminal whose browser is on another machine. */
async function paste({ lines = () => [], meanwhile, args = ['--no-browser'], env = {}, profile, openBrowser }: Pasting) {
  const idp = await openIdp()
  const application = profile?.['login'] ? 'web' : 'native'
  const redirectUri = (profile?.['login'] as { redirect_uri: string } | undefined)?.redirect_uri
  if (redirectUri) idp.allowRedirect('web', redirectUri)
  const work = await createWorkspace({
    profiles: { p: profileFor(idp, application, { scope: 'openid', grant: 'authorization_code', ...profile }) },
  })
  let typed: (string | undefined)[] | undefined
  let redirect: URL | undefined
  const asked: AbortSignal[] = []
  const host: MemoryHost = createMemoryHost({
    cwd: work.folder,
    env: { ...work.env, ...secretsOf(idp), ...env },
    ...(openBrowser && { openBrowser }),
    readLine: async (ask, signal) => {
      ask()
      asked.push(signal)
      typed ??= await signIn()
      if (typed.length > 0) return typed.shift()
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('given up'))))
    },
  })
  const signIn = async (): Promise<(string | undefined)[]> => {
    const url = new URL(/Sign in at:\n(\S+)/.exec(host.err())?.[1] as string)
    const target = new URL(redirectUri ?? (url.searchParams.get('redirect_uri') as string))
    redirect = (await driveForm(url, target, createMemoryHost(), { username: 'alice', password: 'alice-password' })).url
    void meanwhile?.(redirect)
    return [...lines(redirect)]
  }
  const exitCode = await runOn(host, ['login', 'p', ...args])
  const kept = async () => (await work.run('token p --check')).exitCode === 0
  return { exitCode, stdout: host.out(), stderr: host.err(), asked, redirect, kept }
}

const edited = (name: string, value: string | undefined) => (redirect: URL) => {
  const url = new URL(redirect)
  if (value === undefined) url.searchParams.delete(name)
  else url.searchParams.set(name, value)
  return [url.href]
}

describe('paste-back, where no listener is possible', () => {
  const profile = { login: { redirect_uri: 'https://app.example/callback' } }

  test('the whole address or its query signs in', async () => {
    expect(await paste({ profile, lines: ({ href }) => [href] })).toMatchObject({ exitCode: 0, stdout: '' })
    expect(await paste({ profile, lines: ({ search }) => [search] })).toMatchObject({ exitCode: 0 })
  })

  test('another address, another state and nothing are refused', async () => {
    expect(await paste({ profile, lines: () => ['https://elsewhere.example/?code=x'] })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('what was pasted does not begin with https://app.example/callback') as string,
    })
    expect(await paste({ profile, lines: edited('state', 'x') })).toMatchObject({ exitCode: 3 })
    const nothing = { exitCode: 130, stderr: expect.stringContaining('nothing was pasted') as string }
    expect(await paste({ profile, lines: () => [''] })).toMatchObject(nothing)
    expect(await paste({ profile, lines: () => [undefined] })).toMatchObject(nothing)
  })
})

describe('paste-back beside the listener', () => {
  test('the address signs in, is not shown, and nothing listens any more', async () => {
    const { exitCode, stdout, stderr, redirect, asked, kept } = await paste({ lines: ({ href }) => [href] })
    expect(await kept()).toBe(true)
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' })
    expect(stderr).toMatch(/paste the address it ends at \(http:\/\/127\.0\.0\.1:\d+\/callback\?…\) here; it is not shown\.\n/)
    expect(stderr).not.toContain(redirect?.searchParams.get('code'))
    expect(asked).toHaveLength(1)
    await expect(fetch(redirect as URL)).rejects.toThrow('fetch failed')
  })

  test('the query alone will do; anything else is told, and the waiting goes on', async () => {
    const lines = ({ href, search }: URL) => [
      '',
      'hello',
      href.replace('/callback?', '/other?x='),
      'http://evil.example/callback?code=x',
      search,
    ]
    const { exitCode, stderr } = await paste({ lines })
    expect(exitCode).toBe(0)
    expect(stderr.match(/what was pasted does not begin with http:\S+; still waiting\n/g)).toHaveLength(1)
  })

  test('the redirect itself may come first: the terminal is given back', async () => {
    const { exitCode, asked } = await paste({ meanwhile: (redirect) => fetch(redirect) })
    expect(exitCode).toBe(0)
    expect(asked).toEqual([expect.objectContaining({ aborted: true })])
  })

  test('the end of input leaves the waiting to the listener', async () => {
    const meanwhile = (redirect: URL) => new Promise((resolve) => setTimeout(resolve, 50)).then(() => fetch(redirect))
    expect(await paste({ lines: () => [undefined], meanwhile })).toMatchObject({ exitCode: 0 })
    expect(await paste({ lines: () => [undefined], args: ['--no-browser', '--login-timeout', '60ms'] })).toMatchObject({
      exitCode: 3,
      stderr: expect.stringContaining('nobody signed in within') as string,
    })
  })

  test.for([
    ['a wrong state', edited('state', 'x'.repeat(43)), /state/],
    ['no state', edited('state', undefined), /state/],
    ['a wrong iss (RFC 9207)', edited('iss', 'https://evil.example'), /iss/],
    ['no iss although the provider promises one', edited('iss', undefined), /iss/],
    ['a code that is none', edited('code', 'nonsense'), /invalid_grant/],
  ] as const)('%s is refused as the listener would', async ([, lines, says]) => {
    const { exitCode, stderr, kept } = await paste({ lines })
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(says)
    expect(await kept()).toBe(false)
  })

  const there = async (): Promise<void> => undefined
  const missing = () => Promise.reject(new Error('ENOENT'))
  test.for<Pasting & { name: string; offered: boolean }>([
    { name: '--no-browser', offered: true },
    { name: '--browser none', args: ['--browser', 'none'], offered: true },
    { name: 'SSH', args: [], env: { SSH_CONNECTION: '192.0.2.1 1 192.0.2.2 22', DISPLAY: ':0' }, openBrowser: there, offered: true },
    { name: 'WSL, whose browser is that of Windows', args: [], env: { WSL_DISTRO_NAME: 'x' }, openBrowser: there, offered: true },
    { name: 'a browser that cannot be started', args: [], env: { DISPLAY: ':0' }, openBrowser: missing, offered: true },
    { name: 'a browser that opened here', args: [], env: { DISPLAY: ':0' }, openBrowser: there, offered: false },
    { name: '--no-input with a named browser', args: ['--no-input', '--browser', 'test'], openBrowser: there, offered: false },
    {
      name: 'a response that is posted, and leaves no address',
      args: ['--no-browser', '--allow-legacy'],
      profile: { response_type: 'code id_token' },
      offered: false,
    },
  ])('$name: offered is $offered', async ({ offered, ...options }) => {
    const args = [...(options.args ?? ['--no-browser']), ...(offered ? [] : ['--login-timeout', '60ms'])]
    const { exitCode, asked, stderr } = await paste({ ...options, args, lines: offered ? ({ href }) => [href] : () => [] })
    expect({ exitCode, asked: asked.length, says: stderr.includes('paste the address') }, stderr).toEqual(
      offered ? { exitCode: 0, asked: 1, says: true } : { exitCode: 3, asked: 0, says: false },
    )
  })
})
