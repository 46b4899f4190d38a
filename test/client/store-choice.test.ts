import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createWorkspace, openIdp, profileFor, secretsOf } from './workspace.js'

/** A machine without a session bus: nothing names a store, and nothing but a home is there. */
async function withoutBus() {
  const idp = await openIdp()
  const m2m = profileFor(idp, 'm2m', { scope: 'api.read' })
  const work = await createWorkspace({
    default_profile: 'm2m',
    profiles: { m2m, other: { ...m2m, grant: 'token_exchange', exchange: { subject_token: 'profile:m2m' } } },
  })
  const home = await mkdtemp(join(tmpdir(), 'oidcgw-home-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const run = (line: string, env: Readonly<Record<string, string>> = {}) =>
    work.run(line, { env: { ...secretsOf(idp), OIDCGW_STORE: '', HOME: home, ...env } })
  return { idp, home, run, tokens: join(home, '.local/state/oidcgw/tokens') }
}

test.skipIf(process.platform !== 'linux')('without a session bus: 0600 files, said once, when something is kept', async () => {
  const { run, tokens, idp } = await withoutBus()
  expect(await run('token --check')).toMatchObject({ exitCode: 1, stderr: '' })
  const first = await run('token')
  expect(first).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^eyJ[\w.-]+\n$/) as string })
  expect(first.stderr).toMatch(/^There is no keyring here: tokens are kept in 0600 files\..*\n$/)
  expect(await run('token')).toEqual({ ...first, stderr: '' })
  const [file] = await readdir(tokens)
  expect((await stat(join(tokens, file as string))).mode & 0o777).toBe(0o600)
  expect((await stat(tokens)).mode & 0o777).toBe(0o700)
  // Two profiles, two entries, one line.
  await run('store clear')
  expect((await run('token other')).stderr).toBe(first.stderr)
  expect(await readdir(tokens)).toHaveLength(2)
  expect(idp.counters().token).toBe(3)
})

test('files that were asked for are kept without a word; a keyring that was asked for and is not there is exit 5', async () => {
  const { run } = await withoutBus()
  expect(await run('token', { OIDCGW_STORE_TYPE: 'file' })).toMatchObject({ exitCode: 0, stderr: '' })
  expect(await run('token', { OIDCGW_STORE_TYPE: 'keyring' })).toMatchObject({
    exitCode: 5,
    stdout: '',
    stderr: expect.stringContaining('there is no keyring to keep tokens with') as string,
  })
})

test('where the home cannot hold a folder, tokens live in memory, and that is said; a folder that was named is exit 5', async () => {
  const { run, home, idp } = await withoutBus()
  await writeFile(join(home, 'file'), '')
  const result = await run('token', { HOME: join(home, 'file') })
  expect(result).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^eyJ/) as string })
  expect(result.stderr).toMatch(/oidcgw cannot be made \(ENOTDIR\): tokens are kept in memory only\. Name a folder with OIDCGW_STORE\.\n$/)
  expect(await run('token --check', { HOME: join(home, 'file') })).toMatchObject({ exitCode: 1 })
  expect(await run('login', { HOME: join(home, 'file') })).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining('kept in memory, gone when the command ends') as string,
  })
  expect(idp.counters().token).toBe(2)
  expect(await run('token', { OIDCGW_STORE: join(home, 'file', 'store') })).toMatchObject({
    exitCode: 5,
    stdout: '',
    stderr: expect.stringContaining('the token store cannot be') as string,
  })
})
