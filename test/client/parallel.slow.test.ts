import { spawn } from 'node:child_process'
import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { createWorkspace, openIdp, profileFor, secretsOf } from './workspace.js'

const BIN = fileURLToPath(new URL('../../bin/oidcgw.js', import.meta.url))

test('50 parallel token processes at expiry make one refresh and all succeed (issue 5)', async () => {
  const idp = await openIdp()
  const login = { username: 'alice', password: 'env:ALICE' }
  const work = await createWorkspace({ profiles: { alice: profileFor(idp, 'web', { grant: 'password', scope: 'openid', login }) } })
  const env = { ...work.env, ...secretsOf(idp), ALICE: 'alice-password', PATH: process.env['PATH'] ?? '' }
  expect(await work.run('login alice', { env })).toMatchObject({ exitCode: 0 })
  // An hour passes: the entry says it was obtained then.
  const folder = join(work.env['OIDCGW_STORE'] as string, 'tokens')
  const [file] = (await readdir(folder)).filter((name) => name.endsWith('.json')) as [string]
  const entry = JSON.parse(await readFile(join(folder, file), 'utf8')) as { tokens: { obtained_at: number; access_token: string } }
  const old = entry.tokens.access_token
  await writeFile(
    join(folder, file),
    JSON.stringify({ ...entry, tokens: { ...entry.tokens, obtained_at: entry.tokens.obtained_at - 3600 } }),
  )
  idp.resetCounters()
  const runOne = () =>
    new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
      const child = spawn(process.execPath, [BIN, 'token', 'alice'], { cwd: work.folder, env })
      let [out, err] = ['', '']
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
      child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
      child.on('close', (code) => resolve({ code, out, err }))
    })
  const results = await Promise.all(Array.from({ length: 50 }, runOne))
  expect(results.filter(({ code }) => code !== 0)).toEqual([])
  expect(new Set(results.map(({ out }) => out)).size).toBe(1)
  expect(results[0]?.out.trim()).not.toBe(old)
  expect(idp.counters().token).toBe(1)
  expect((await readdir(folder)).filter((name) => !name.endsWith('.json'))).toEqual([])
})
