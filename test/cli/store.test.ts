import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createWorkspace, openIdp, profileFor, secretsOf } from '../client/workspace.js'

async function signedUp(more: Readonly<Record<string, string>> = {}) {
  const idp = await openIdp()
  const login = { username: 'alice', password: 'env:ALICE' }
  const profiles = {
    m2m: profileFor(idp, 'm2m', { scope: 'api.read' }),
    alice: profileFor(idp, 'web', { grant: 'password', scope: 'openid', login }),
  }
  const work = await createWorkspace({ default_profile: 'm2m', profiles })
  const folder = join(work.env['OIDCGW_STORE'] as string, 'tokens')
  const files = async () => (await readdir(folder)).filter((name) => name.endsWith('.json'))
  const run = (line: string, env: Readonly<Record<string, string>> = {}) =>
    work.run(line, { env: { ...secretsOf(idp), ALICE: 'alice-password', ...more, ...env } })
  return { idp, work, run, folder, files }
}

describe('store list, show, clear, path', () => {
  test('list and show tell everything but the tokens', async () => {
    const { run, idp } = await signedUp()
    expect(await run('store list')).toMatchObject({
      exitCode: 0,
      stdout: '',
      stderr: expect.stringContaining('nothing is stored') as string,
    })
    const tokens = [(await run('token')).stdout.trim(), (await run('token alice')).stdout.trim()]
    const list = await run('store list')
    expect(list.stdout).toMatch(/alice {2}http\S+ {2}openid +(1 h|59 min).* left, refreshable\n/)
    expect(list.stdout).toMatch(/m2m {4}http\S+ {2}api.read +(1 h|59 min).* left\n/)
    const show = await run('store show alice')
    expect(show.stdout).toMatch(/access_token +eyJ.{3}….{4} \[sha256:/)
    const json = JSON.parse((await run('store list --json')).stdout) as { entries: unknown[] }
    expect(json).toMatchObject({ schema: 'oidcgw/store/v1', kind: 'file', entries: [{ issuer: idp.issuer }, { issuer: idp.issuer }] })
    for (const token of tokens) expect(list.stdout + show.stdout + JSON.stringify(json)).not.toContain(token)
    expect(await run('store path')).toMatchObject({ stdout: expect.stringMatching(/\/store\n$/) as string })
  })

  test('clear forgets one, --all everything, even what cannot be read', async () => {
    const { run, folder, files } = await signedUp()
    await run('token')
    await run('token alice')
    expect(await run('store clear alice')).toMatchObject({ exitCode: 0, stderr: 'forgotten: 1 entry\n' })
    expect(await run('store show alice')).toMatchObject({ exitCode: 3 })
    await writeFile(join(folder, `${'0'.repeat(64)}.json`), 'garbage')
    expect(await run('store clear --all')).toMatchObject({ exitCode: 0, stderr: 'forgotten: 2 entries\n' })
    expect(await files()).toEqual([])
    expect(await run('store clear alice --all')).toMatchObject({ exitCode: 2 })
  })

  test('without a home folder tokens live in memory, and that is said', async () => {
    const { run } = await signedUp({ OIDCGW_STORE: '' })
    expect(await run('token')).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('kept in memory only') as string })
    expect(await run('token --check')).toMatchObject({ exitCode: 1 })
    expect(await run('store path')).toMatchObject({ exitCode: 5 })
    expect(await run('token', { OIDCGW_STORE_TYPE: 'cloud' })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('is not one of keyring, file, memory') as string,
    })
  })
})

describe('the encrypted store', () => {
  test('holds no token in the clear, opens with the passphrase only, and for its own entry only', async () => {
    const { run, work, folder, files } = await signedUp()
    const OIDCGW_STORE_PASSPHRASE_FILE = await work.write('passphrase', 'correct horse battery\n')
    const other = await work.write('other', 'another passphrase\n')
    const token = (await run('token', { OIDCGW_STORE_PASSPHRASE_FILE })).stdout
    const [file] = (await files()) as [string]
    const kept = await readFile(join(folder, file), 'utf8')
    expect(kept).not.toMatch(/eyJ[\w-]{10}|api\.read/)
    expect((await run('token', { OIDCGW_STORE_PASSPHRASE_FILE })).stdout).toBe(token)
    expect(await run('token --check', { OIDCGW_STORE_PASSPHRASE_FILE: other })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('cannot be read as a encrypted entry') as string,
    })
    expect(await run('token --check')).toMatchObject({ exitCode: 1 })
    await run('token alice', { OIDCGW_STORE_PASSPHRASE_FILE })
    const moved = (await files()).find((name) => name !== file) as string
    await writeFile(join(folder, moved), kept)
    expect(await run('token alice --check', { OIDCGW_STORE_PASSPHRASE_FILE })).toMatchObject({ exitCode: 1 })
  })

  test('a missing or short passphrase is exit 2', async () => {
    const { run, work } = await signedUp()
    expect(await run('token', { OIDCGW_STORE_PASSPHRASE_FILE: 'nowhere' })).toMatchObject({ exitCode: 2 })
    expect(await run('token', { OIDCGW_STORE_PASSPHRASE_FILE: await work.write('short', 'abc') })).toMatchObject({ exitCode: 2 })
  })
})

describe('a crash in the middle (issue 5)', () => {
  test('leftovers of a writer, a dead process’s lock and a damaged entry do not stop the next one', async () => {
    const { idp, run, folder, files } = await signedUp()
    const token = (await run('token')).stdout
    const [file] = (await files()) as [string]
    await writeFile(join(folder, `${file}.123456`), '{"half":')
    const { hostname } = await import('node:os')
    // No process has this id: the largest possible is far lower.
    await writeFile(join(folder, file.replace('.json', '.lock')), `999999999 ${hostname()} abc`)
    expect((await run('token')).stdout).toBe(token)
    expect((await run('token --fresh')).exitCode).toBe(0)
    await writeFile(join(folder, file), '{"version":1,"tokens":{"access')
    const after = await run('token')
    expect(after).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/^eyJ/) as string,
      stderr: expect.stringContaining('cannot be read') as string,
    })
    expect(idp.counters().token).toBe(3)
    expect((await run('token')).stderr).toBe('')
  })
})
