import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { driveForm } from '../../src/client/form-driver.js'
import { createWorkspace, openIdp, profileFor, secretsOf } from '../client/workspace.js'
import { createMemoryHost } from '../support/memory-host.js'
import { describeWithPrograms } from '../support/programs.js'
import { openTerminal, TERMINAL_PROGRAMS } from '../support/terminal.js'

const CTRL_C = '\x03'
const ENTER = '\r'
const REDIRECT = 'https://app.example/callback'

async function atTerminal() {
  const idp = await openIdp()
  const person = { grant: 'password', scope: 'openid', login: { username: 'alice', password: 'prompt' } }
  const work = await createWorkspace({
    profiles: {
      machine: profileFor(idp, 'm2m', { client: { secret: 'prompt' } }),
      alice: profileFor(idp, 'web', person),
      form: profileFor(idp, 'native', { ...person, grant: 'authorization_code', login: { ...person.login, driver: 'form' } }),
    },
  })
  const secrets = secretsOf(idp)
  const open = (line: string, env: Readonly<Record<string, string>> = {}) =>
    openTerminal(line.split(' '), { cwd: work.folder, env: { ...work.env, ...secrets, ...env } })
  return { idp, work, secret: idp.applications.m2m.client_secret as string, open }
}

describeWithPrograms('a secret that is typed', TERMINAL_PROGRAMS, () => {
  test('is asked for by name, is not echoed, and the token alone is the result', async () => {
    const { open, secret } = await atTerminal()
    const terminal = await open('token machine')
    await terminal.shows('secret of client m2m')
    terminal.type(secret + ENTER)
    const { exitCode, stdout, restored } = await terminal.ended()
    expect({ exitCode, restored }).toEqual({ exitCode: 0, restored: true })
    expect(stdout).toMatch(/^eyJ[\w.-]+\n$/)
    expect(terminal.raw()).not.toContain(secret)
    expect(terminal.screen()).not.toContain(stdout.trim())
  })

  test.for([
    ['the password grant', 'token alice'],
    ['the form driver', 'token form'],
  ] as const)('%s asks for the password of its person', async ([, line]) => {
    const { open } = await atTerminal()
    const terminal = await open(line)
    await terminal.shows('password of alice')
    terminal.type(`alice-password${ENTER}`)
    expect(await terminal.ended()).toMatchObject({ exitCode: 0, restored: true, stdout: expect.stringMatching(/^eyJ/) as string })
    expect(terminal.raw()).not.toContain('alice-password')
  })

  test('a wrong one is refused without being shown', async () => {
    const { open } = await atTerminal()
    const terminal = await open('token machine')
    await terminal.shows('secret of client m2m')
    terminal.type(`canary-wrong-secret${ENTER}`)
    expect(await terminal.ended()).toEqual({ exitCode: 3, restored: true, stdout: '' })
    expect(terminal.screen()).toContain('the provider said invalid_client')
    expect(terminal.raw()).not.toContain('canary')
  })

  test('Ctrl-C is exit 130 and gives the terminal back as it was', async () => {
    const { open, idp } = await atTerminal()
    const terminal = await open('token machine')
    await terminal.shows('secret of client m2m')
    terminal.type(`canary-half${CTRL_C}`)
    expect(await terminal.ended()).toEqual({ exitCode: 130, restored: true, stdout: '' })
    expect(terminal.raw()).not.toContain('canary')
    expect(idp.counters().token ?? 0).toBe(0)
  })

  test('an end from outside gives it back too', async () => {
    const { open } = await atTerminal()
    const terminal = await open('token machine')
    await terminal.shows('secret of client m2m')
    await terminal.signal('SIGTERM')
    expect(await terminal.ended()).toEqual({ exitCode: 130, restored: true, stdout: '' })
  })

  test.for([
    ['--no-input', 'token machine --no-input', {}, 'secret of client m2m: somebody has to type it'],
    ['OIDCGW_NO_INPUT', 'token machine', { OIDCGW_NO_INPUT: '1' }, 'secret of client m2m: somebody has to type it'],
    ['CI', 'token alice', { CI: 'true' }, 'password of alice: somebody has to type it'],
  ] as const)('under %s nothing is asked: exit 6 says what would have been', async ([, line, env, says]) => {
    const { open } = await atTerminal()
    const terminal = await open(line, env)
    expect(await terminal.ended()).toEqual({ exitCode: 6, restored: true, stdout: '' })
    expect(terminal.screen()).toContain(says)
  })
})

describeWithPrograms('init on a terminal', TERMINAL_PROGRAMS, () => {
  const written = async (folder: string): Promise<unknown> => parse(await readFile(join(folder, 'oidcgw.yaml'), 'utf8')) as unknown

  test('asks what was not given, and writes the answers', async () => {
    const { folder, env } = await createWorkspace()
    const terminal = await openTerminal(['init', '--client-id', 'orders', '--json'], { cwd: folder, env })
    await terminal.shows('Issuer of the provider')
    terminal.type(`\x15https://idp.test/realm${ENTER}`)
    await terminal.shows('URL of the gateway')
    terminal.type(ENTER)
    const { exitCode, stdout, restored } = await terminal.ended()
    expect({ exitCode, restored }).toEqual({ exitCode: 0, restored: true })
    expect(JSON.parse(stdout)).toEqual({ schema: 'oidcgw/init/v1', file: join(folder, 'oidcgw.yaml') })
    expect(terminal.screen()).not.toContain('Client id')
    expect(await written(folder)).toMatchObject({
      profiles: { machine: { issuer: 'https://idp.test/realm', client: { id: 'orders' } } },
      gateways: { local: { url: 'http://127.0.0.1:8000' } },
    })
  })

  test('Ctrl-C in the middle is exit 130, and nothing is written', async () => {
    const { folder, env } = await createWorkspace()
    const terminal = await openTerminal(['init'], { cwd: folder, env })
    await terminal.shows('Issuer of the provider')
    terminal.type(ENTER)
    await terminal.shows('Client id')
    terminal.type(CTRL_C)
    expect(await terminal.ended()).toEqual({ exitCode: 130, restored: true, stdout: '' })
    expect(terminal.screen()).toContain('interrupted; nothing was written')
    await expect(written(folder)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('--no-input takes the defaults without a question', async () => {
    const { folder, env } = await createWorkspace()
    const terminal = await openTerminal(['init', '--no-input'], { cwd: folder, env })
    expect(await terminal.ended()).toMatchObject({ exitCode: 0, stdout: '' })
    expect(terminal.screen()).not.toContain('Issuer of the provider')
    expect(await written(folder)).toMatchObject({ default_profile: 'machine' })
  })
})

describeWithPrograms('a redirect that is pasted', TERMINAL_PROGRAMS, () => {
  /** A login whose browser is elsewhere, as far as the address that browser ends at. */
  const elsewhere = async (profile: Readonly<Record<string, unknown>> = {}, application = 'native') => {
    const idp = await openIdp()
    if (application === 'web') idp.allowRedirect('web', REDIRECT)
    const work = await createWorkspace({
      profiles: { p: profileFor(idp, application, { scope: 'openid', grant: 'authorization_code', ...profile }) },
    })
    const env = { ...work.env, ...secretsOf(idp) }
    const terminal = await openTerminal(['token', 'p', '--no-browser'], { cwd: work.folder, env })
    await terminal.shows(/it is not shown[.:]/)
    const url = new URL((await terminal.shows(/Sign in at:\r?\n(\S+)/))[1] as string)
    const target = new URL(url.searchParams.get('redirect_uri') as string)
    const person = { username: 'alice', password: 'alice-password' }
    const { url: redirect } = await driveForm(url, target, createMemoryHost(), person)
    return { terminal, redirect, code: redirect.searchParams.get('code') as string }
  }
  const signedIn = { exitCode: 0, restored: true, stdout: expect.stringMatching(/^eyJ[\w.-]+\n$/) as string }

  test('signs in beside the listener, however long it is, and is not echoed', async () => {
    const { terminal, redirect, code } = await elsewhere()
    // A terminal's own line would end after 4,095 characters, and lose the code.
    redirect.search = `?padding=${'x'.repeat(6000)}&${redirect.search.slice(1)}`
    terminal.type(redirect.href + ENTER)
    expect(await terminal.ended()).toEqual(signedIn)
    expect(terminal.raw()).not.toContain(code)
    expect(terminal.raw()).not.toContain('xxxx')
  })

  test('is not needed when the browser arrives: the terminal is given back', async () => {
    const { terminal, redirect } = await elsewhere()
    terminal.type('half a line')
    expect((await fetch(redirect)).status).toBe(200)
    expect(await terminal.ended()).toEqual(signedIn)
  })

  test('is the only way where nothing listens', async () => {
    const { terminal, redirect, code } = await elsewhere({ login: { redirect_uri: REDIRECT } }, 'web')
    terminal.type(redirect.href + ENTER)
    expect(await terminal.ended()).toEqual(signedIn)
    expect(terminal.raw()).not.toContain(code)
  })

  test('with another state is refused', async () => {
    const { terminal, redirect } = await elsewhere()
    redirect.searchParams.set('state', 'x'.repeat(43))
    terminal.type(redirect.href + ENTER)
    expect(await terminal.ended()).toEqual({ exitCode: 3, restored: true, stdout: '' })
    expect(terminal.screen()).toContain('state')
  })

  test.for(['native', 'web'])('Ctrl-C while waiting is exit 130 and gives the terminal back (%s)', async (application) => {
    const { terminal } = await elsewhere(application === 'web' ? { login: { redirect_uri: REDIRECT } } : {}, application)
    terminal.type(`canary${CTRL_C}`)
    expect(await terminal.ended()).toEqual({ exitCode: 130, restored: true, stdout: '' })
    expect(terminal.raw()).not.toContain('canary')
  })
})
