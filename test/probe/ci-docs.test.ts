import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startLab, type Lab } from '../../src/lab/lab.js'
import { shellWords } from '../../src/probe/import/shell-words.js'
import { cli } from '../support/memory-host.js'

const GUIDE = readFileSync(new URL('../../docs/ci.md', import.meta.url), 'utf8')
const blocks = (language: string): string[] =>
  [...GUIDE.matchAll(new RegExp(`\`\`\`${language}\n([\\s\\S]*?)\`\`\``, 'g'))].map(([, text = '']) => text)
const block = (first: string): string => blocks('yaml').find((text) => text.startsWith(first)) ?? ''

interface Pipeline {
  readonly jobs: { readonly probe: { readonly steps: readonly { readonly run?: string }[] } }
}

/** Every command of the guide: of its shell blocks and of both pipelines. */
const commands = [
  ...blocks('sh').flatMap((text) => text.trim().split('\n')),
  ...(parse(block('name: gateway')) as Pipeline).jobs.probe.steps.flatMap(({ run }) => run ?? []),
  ...(parse(block('probe:')) as { probe: { script: string[] } }).probe.script,
]

describe('docs/ci.md', () => {
  let lab: Lab
  const cwd = mkdtempSync(join(tmpdir(), 'oidcgw-ci-'))

  beforeAll(async () => {
    lab = await startLab()
    writeFileSync(join(cwd, 'oidcgw.yaml'), block('# oidcgw.yaml').replaceAll('${OIDC_ISSUER}', lab.issuer))
  })
  afterAll(() => lab?.close())

  const run = (command: string) => {
    const [, ...argv] = shellWords(command)
    const env = {
      CI: 'true',
      ORDERS_SECRET: lab.clients.m2m.client_secret,
      OIDCGW_GATEWAY_URL: lab.gatewayUrl,
      OIDCGW_STORE: join(cwd, 'store'),
    }
    return cli(argv, { cwd, env })
  }

  test('shows at least the commands it is about', () => {
    expect(commands.filter((command) => command.startsWith('oidcgw probe')).length).toBeGreaterThanOrEqual(5)
  })

  test.for(commands.filter((command) => command.startsWith('oidcgw ') && !command.includes('--baseline')))('%s', async (command) => {
    const { exitCode, stderr } = await run(command)
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
  })

  test('the baseline of the guide names a case of the guide, which passes: stale', async () => {
    writeFileSync(join(cwd, 'known.yaml'), block('# known.yaml'))
    const command = commands.find((one) => one.includes('--baseline')) ?? ''
    const { exitCode, stdout } = await run(command)
    expect(exitCode).toBe(1)
    expect(stdout).toContain('stale baseline entry: "smoke › open with a token" no longer fails')
  })

  test('the retrying case of the guide is a valid case', async () => {
    writeFileSync(join(cwd, 'retry.yaml'), `cases:\n${block('- { name: open').replace(/^/gm, '  ')}`)
    expect(await run('oidcgw probe retry.yaml')).toMatchObject({ exitCode: 0 })
  })

  test('nothing else is run but what sets up', () => {
    expect(commands.filter((command) => !/^(oidcgw probe|npm install --global oidcgw$|envsubst )/.test(command))).toEqual([])
  })
})
