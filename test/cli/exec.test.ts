import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyDpopProof } from '../../src/jwt/dpop.js'
import { createWorkspace, openIdp, profileFor, secretsOf } from '../client/workspace.js'

async function signedUp() {
  const idp = await openIdp()
  const work = await createWorkspace({
    default_profile: 'm2m',
    profiles: { m2m: profileFor(idp, 'm2m'), bound: profileFor(idp, 'm2m', { dpop: true }) },
  })
  const run = (line: readonly string[]) => work.run(line, { env: { ...secretsOf(idp), PATH: process.env['PATH'] ?? '' } })
  const seen = async () => JSON.parse(await readFile(join(work.folder, 'env.json'), 'utf8')) as Record<string, string>
  return { run, seen }
}

const WRITE = [process.execPath, '-e', 'require("fs").writeFileSync("env.json", JSON.stringify(process.env))']

test('gives the command the token in its environment and returns its exit code', async () => {
  const { run, seen } = await signedUp()
  expect(await run(['exec', '--', ...WRITE])).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  const token = (await run(['token'])).stdout.trim()
  expect(await seen()).toMatchObject({ OIDCGW_ACCESS_TOKEN: token, OIDCGW_AUTHORIZATION: `Bearer ${token}`, OIDCGW_TOKEN_TYPE: 'bearer' })
  expect(await run(['exec', 'm2m', '--', process.execPath, '-e', 'process.exit(7)'])).toMatchObject({ exitCode: 7 })
})

test('a bound token comes with a proof for the call that is named (RFC 9449 §7.1)', async () => {
  const { run, seen } = await signedUp()
  expect(await run(['exec', 'bound', '--prove', 'GET https://api.example/orders?x=1', '--', ...WRITE])).toMatchObject({ exitCode: 0 })
  const { OIDCGW_DPOP: proof = '', OIDCGW_ACCESS_TOKEN: accessToken = '', OIDCGW_AUTHORIZATION: authorization } = await seen()
  expect(authorization).toBe(`DPoP ${accessToken}`)
  const expected = { now: new Date(), method: 'GET', url: 'https://api.example/orders', accessToken }
  expect(verifyDpopProof(proof, expected)).toMatchObject({ valid: true })
  expect(verifyDpopProof(proof, { ...expected, url: 'https://api.example/other' })).toMatchObject({ valid: false })
  const withNonce = ['--prove', 'GET https://api.example/orders', '--prove-nonce', 'from-the-server']
  expect(await run(['exec', 'bound', ...withNonce, '--', ...WRITE])).toMatchObject({ exitCode: 0 })
  const { OIDCGW_DPOP: again = '' } = await seen()
  expect(verifyDpopProof(again, { ...expected, nonce: 'from-the-server' })).toMatchObject({ valid: true })
  expect(verifyDpopProof(proof, { ...expected, nonce: 'from-the-server' })).toMatchObject({ valid: false })
  expect(await run(['exec', 'm2m', '--prove', 'GET https://api.example/', '--', ...WRITE])).toMatchObject({ exitCode: 2 })
})

test.for([
  ['no command', ['exec']],
  ['no --', ['exec', 'm2m', 'ls']],
  ['a command that does not exist', ['exec', '--', 'no-such-program-here']],
  ['a proof for nothing', ['exec', 'bound', '--prove', 'orders', '--', 'true']],
] as const)('%s is exit 2', async ([, line]) => {
  const { run } = await signedUp()
  expect(await run(line)).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringMatching(/^oidcgw: /) as string })
})
