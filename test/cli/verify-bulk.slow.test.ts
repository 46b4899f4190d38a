import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { signJwt } from '../../src/jwt/sign.js'

test('worker threads keep the order of 6,000 lines', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oidcgw-bulk-'))
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  writeFileSync(join(folder, 'jwks.json'), JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k' }] }))
  const good = signJwt({ alg: 'ES256', kid: 'k' }, { exp: 4_000_000_000 }, privateKey)
  const expired = signJwt({ alg: 'ES256', kid: 'k' }, { exp: 1 }, privateKey)
  const lines = Array.from({ length: 6000 }, (_, index) => (index % 7 === 0 ? expired : index % 1000 === 999 ? 'garbage' : good))
  const bin = fileURLToPath(new URL('../../bin/oidcgw.js', import.meta.url))
  const verify = (...flags: readonly string[]) =>
    spawnSync(process.execPath, [bin, 'verify', '-o', 'jsonl', '--jwks', join(folder, 'jwks.json'), ...flags], {
      input: lines.join('\n'),
      encoding: 'utf8',
      maxBuffer: 1 << 26,
    })
  const [alone, threaded] = [verify('--threads', '1'), verify('--threads', '3')]
  expect(threaded).toMatchObject({ status: 1, stderr: '' })
  expect(threaded.stdout).toBe(alone.stdout)
  const rows = threaded.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { line: number; valid: boolean })
  expect(rows.map(({ line }) => line)).toEqual(lines.map((_, index) => index + 1))
  expect(rows.map(({ valid }) => valid)).toEqual(lines.map((line) => line === good))
})
