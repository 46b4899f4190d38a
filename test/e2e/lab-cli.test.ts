import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLab, type Lab } from '../../src/lab/lab.js'
import { writeProjectFile } from '../../src/lab/project-file.js'
import { expectSilentProcess } from '../support/command-canaries.js'
import { cli } from '../support/memory-host.js'

const bin = fileURLToPath(new URL('../../bin/oidcgw.js', import.meta.url))

interface Ended {
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the built command, as a pipeline would. @throws when a secret shows that nobody asked for. */
async function oidcgw(...args: readonly string[]): Promise<Ended> {
  const ended = await new Promise<Ended>((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], {
      env: { ...process.env, NO_COLOR: '1', CI: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject).on('close', (exitCode) => resolve({ exitCode, stdout, stderr }))
  })
  expectSilentProcess(args, { env: {}, cwd: process.cwd() }, ended)
  return ended
}

const inLab = (script: string): Promise<Ended> => oidcgw('lab', '--', 'bash', '-c', `set -o pipefail; ${script}`)

describe('oidcgw lab -- CMD (the main job as a pipeline runs it)', () => {
  test('log in, verify the token, probe with it and without', async () => {
    const { exitCode, stdout, stderr } = await inLab(
      'oidcgw login m2m && oidcgw token m2m | oidcgw verify - && oidcgw probe /oidcroute/get --as m2m --expect 200 && oidcgw probe /oidcroute/get --as none --expect 401',
    )
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    expect(stdout).toMatch(/signature/)
    expect(`${stdout}${stderr}`).not.toMatch(/eyJ[\w-]+\.[\w-]+\.[\w-]{20}/)
  })

  test('the exit code is the command’s', async () => {
    expect((await inLab('exit 42')).exitCode).toBe(42)
  })

  test('a command that cannot be run is one clear line', async () => {
    const { exitCode, stderr } = await oidcgw('lab', '--', 'no-such-program')
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(/^oidcgw: no-such-program cannot be run \(ENOENT\)\n {2}hint: /)
  })
})

describe('what a pipeline gets when it is not so', () => {
  let lab: Lab
  let folder: string
  let env: Record<string, string>
  beforeAll(async () => {
    lab = await startLab()
    folder = await mkdtemp(join(tmpdir(), 'oidcgw-e2e-'))
    const { file } = await writeProjectFile(lab, join(folder, 'oidcgw.yaml'))
    env = { OIDCGW_CONFIG: file, OIDCGW_STORE: join(folder, 'store'), CI: '1' }
  })
  afterAll(async () => {
    await lab.close()
    await rm(folder, { recursive: true, force: true })
  })
  const alteredToken = async (): Promise<string> => `${(await lab.token()).slice(0, -10)}AAAAAAAAAA`

  test.for([
    {
      name: 'a probe whose expectation fails',
      argv: ['probe', '/oidcroute/get', '--as', 'none', '--expect', '200'],
      exitCode: 1,
      says: /expected 200, got 401/,
    },
    {
      name: 'a token for another audience',
      argv: ['probe', '/oidcroute/get', '--as', 'stranger', '--expect', '200'],
      exitCode: 1,
      says: /403/,
    },
    { name: 'a token that does not verify', argv: ['verify', '-'], stdin: alteredToken, exitCode: 1, says: /signature/ },
    { name: 'text that is no token', argv: ['verify', '-'], stdin: () => 'garbage', exitCode: 2, says: /^oidcgw: .*\n {2}hint: / },
    { name: 'an unknown profile', argv: ['token', 'nobody'], exitCode: 2, says: /nobody.*\n {2}hint: .*m2m/ },
    {
      name: 'a provider that is not there',
      argv: ['login', 'm2m', '--issuer', 'http://127.0.0.1:9'],
      exitCode: 4,
      says: /^oidcgw: .*127\.0\.0\.1:9.*\n {2}hint: /,
    },
  ])('$name: exit $exitCode', async ({ argv, stdin, exitCode, says }) => {
    const ended = await cli(argv, { env, ...(stdin && { stdin: await stdin() }) })
    expect(ended).toMatchObject({ exitCode })
    expect(`${ended.stderr}${ended.stdout}`).toMatch(says)
    expect(ended.stderr).not.toMatch(/\n\s+at .*:\d+:\d+/)
  })

  test('a profile’s name means its token, another word is taken as one', async () => {
    expect(await cli(['introspect', 'm2m'], { env })).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^active\n/) as string })
    expect(await cli(['introspect', 'm2n'], { env })).toMatchObject({ exitCode: 1, stdout: expect.stringMatching(/^inactive\n/) as string })
    expect(await cli(['revoke', 'm2m'], { env })).toMatchObject({ exitCode: 0 })
    const { entries } = JSON.parse((await cli(['store', 'list', '--json'], { env })).stdout) as { entries: { profile: string }[] }
    expect(entries.filter(({ profile }) => profile === 'm2m')).toEqual([])
  })

  test('a client the provider refuses: exit 3', async () => {
    await writeFile(join(folder, 'wrong.secret'), 'wrong')
    const { exitCode, stderr } = await cli(['login', 'm2m', '--client-secret-file', join(folder, 'wrong.secret')], { env })
    expect(exitCode).toBe(3)
    expect(stderr).toMatch(/^oidcgw: .*invalid_client/)
  })
})
