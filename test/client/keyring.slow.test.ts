import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startKeyringSession } from '../support/keyring-session.js'
import { describeWithPrograms } from '../support/programs.js'
import { runBuilt } from '../support/run-built.js'
import { createWorkspace, openIdp, profileFor, secretsOf } from './workspace.js'

const SEALED = "files encrypted with a key of the system's keyring"

/** A person's home without a token, and the built oidcgw run there. Nothing names a store, so that the keyring is what is wanted. */
async function atHome() {
  const idp = await openIdp()
  const login = { username: 'alice', password: 'env:ALICE' }
  const work = await createWorkspace({
    default_profile: 'alice',
    profiles: {
      alice: profileFor(idp, 'web', { grant: 'password', scope: 'openid', login }),
      m2m: profileFor(idp, 'm2m', { scope: 'api.read' }),
    },
  })
  const home = await mkdtemp(join(tmpdir(), 'oidcgw-home-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const state = join(home, '.local', 'state', 'oidcgw')
  const run = (line: string, env: Readonly<Record<string, string>>) =>
    runBuilt(line.split(' '), {
      cwd: work.folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: home, ...secretsOf(idp), ALICE: 'alice-password', ...env },
    })
  const session = async (keyring: Parameters<typeof startKeyringSession>[1]) => {
    const started = await startKeyringSession(home, keyring)
    let open = true
    const close = async (): Promise<void> => {
      if (open) await started.close()
      open = false
    }
    onTestFinished(close)
    return { env: started.env, close }
  }
  /** Everything that lies in the home as text, names and contents. */
  const onDisk = async () => {
    const names = (await readdir(home, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile())
    return Promise.all(names.map(async ({ parentPath, name }) => ({ name, text: await readFile(join(parentPath, name), 'latin1') })))
  }
  return { idp, home, tokens: join(state, 'tokens'), state, run, session, onDisk }
}

describeWithPrograms('the system’s keyring', ['dbus-run-session', 'dbus-send', 'gnome-keyring-daemon'], () => {
  test('login seals the tokens with a key that only the keyring has; another process reads them', async () => {
    const { idp, run, session, onDisk, tokens } = await atHome()
    const { env } = await session('unlocked')
    const login = await run('login', env)
    expect(login).toMatchObject({ exitCode: 0, stdout: '', stderr: expect.stringContaining(`kept in ${SEALED}`) as string })
    const kept = JSON.parse((await run('token --json', env)).stdout) as Record<string, string>
    expect(kept).toMatchObject({ origin: 'store', access_token: expect.stringMatching(/^eyJ/) as string })
    expect(idp.counters().token).toBe(1)
    const [file] = await readdir(tokens)
    expect((await stat(join(tokens, file as string))).mode & 0o777).toBe(0o600)
    const written = (await onDisk()).map(({ text }) => text).join('\n')
    for (const name of ['access_token', 'refresh_token', 'id_token']) expect(written).not.toContain(kept[name])
    expect(await readFile(join(tokens, file as string), 'utf8')).not.toContain(idp.issuer)
  })

  test('list, show and clear work on it, and mask every token', async () => {
    const { run, session, tokens } = await atHome()
    const { env } = await session('unlocked')
    const kept = JSON.parse((await run('token --json', env)).stdout) as Record<string, string>
    await run('token m2m', env)
    const list = await run('store list --json', env)
    expect(JSON.parse(list.stdout)).toMatchObject({ kind: 'keyring', entries: [expect.anything(), expect.anything()] })
    const show = await run('store show', env)
    expect(show).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/access_token +eyJ.{3}….{4} \[sha256:/) as string })
    for (const name of ['access_token', 'refresh_token', 'id_token']) expect(list.stdout + show.stdout).not.toContain(kept[name])
    expect(await run('store clear', env)).toMatchObject({ exitCode: 0, stderr: 'forgotten: 1 entry\n' })
    expect(await run('token --check', env)).toMatchObject({ exitCode: 1, stderr: '' })
    expect(await run('token m2m --check', env)).toMatchObject({ exitCode: 0 })
    expect(await run('store clear --all', env)).toMatchObject({ exitCode: 0, stderr: 'forgotten: 1 entry\n' })
    expect(await readdir(tokens)).toEqual([])
  })

  test('the keyring’s next session opens them again; another person’s keyring and a locked one do not', async () => {
    const { run, session } = await atHome()
    const first = await session('unlocked')
    const { stdout } = await run('token', first.env)
    await first.close()
    const second = await session('unlocked')
    expect(await run('token', second.env)).toEqual({ exitCode: 0, stdout, stderr: '' })
    await second.close()
    const elsewhere = await atHome()
    const other = await elsewhere.session('unlocked')
    const foreign = { ...second.env, DBUS_SESSION_BUS_ADDRESS: other.env['DBUS_SESSION_BUS_ADDRESS'] as string }
    expect(await run('token --check', foreign)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('cannot be read as a keyring entry') as string,
    })
    const locked = await session('locked')
    expect(await run('token --check', locked.env)).toMatchObject({ exitCode: 1 })
  })

  test('many processes on a new keyring make one key', async () => {
    const { run, session, state } = await atHome()
    const { env } = await session('unlocked')
    const names = ['alice', 'm2m']
    const results = await Promise.all([...names, ...names, ...names, ...names].map((name) => run(`token ${name}`, env)))
    expect(results.filter(({ exitCode, stderr }) => exitCode !== 0 || stderr !== '')).toEqual([])
    for (const name of names) expect(await run(`token ${name} --check`, env)).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await readdir(state)).not.toContain('keyring.lock')
  })

  test('a locked keyring falls to 0600 files and says so; asked for by name it is exit 5', async () => {
    const { run, session, tokens } = await atHome()
    await (await session('unlocked')).close()
    const { env } = await session('locked')
    const login = await run('login', env)
    expect(login).toMatchObject({ exitCode: 0 })
    expect(login.stderr).toMatch(/^The keyring is locked or not usable: tokens are kept in 0600 files\./)
    const [file] = await readdir(tokens)
    expect((await stat(join(tokens, file as string))).mode & 0o777).toBe(0o600)
    expect(await run('token', env)).toMatchObject({ exitCode: 0, stderr: '' })
    expect(await run('login', { ...env, OIDCGW_STORE_TYPE: 'keyring' })).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining('there is no keyring to keep tokens with, or it is locked') as string,
    })
    expect((await run('login', { ...env, OIDCGW_STORE_TYPE: 'file' })).stderr).not.toContain('keyring')
  })

  test('a session without any keyring falls to 0600 files too', async () => {
    const { run, session, tokens } = await atHome()
    const { env } = await session('none')
    expect((await run('login', env)).stderr).toMatch(/^The keyring is locked or not usable: tokens are kept in 0600 files\./)
    expect(await readdir(tokens)).toHaveLength(1)
  })
})
