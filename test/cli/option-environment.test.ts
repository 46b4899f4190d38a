import type { Command } from 'commander'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createProgram } from '../../src/cli/program.js'
import { cli } from '../support/memory-host.js'

const TOKEN = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2ln'
const decode = (env: Readonly<Record<string, string>>, ...flags: string[]) => cli(['decode', TOKEN, ...flags], { env })

/** The process's own environment, which a command must not see past its host. */
function inProcess(name: string, value: string): void {
  process.env[name] = value
  onTestFinished(() => void delete process.env[name])
}

describe('options by environment', () => {
  test('come from the host, never from the process', async () => {
    inProcess('OIDCGW_OUTPUT', 'json')
    expect((await decode({}, '-q')).stdout).not.toMatch(/^\{/)
    expect((await decode({ OIDCGW_OUTPUT: 'json' }, '-q')).stdout).toMatch(/^\{/)
  })

  test('a flag wins over its variable, a variable over the default, and an empty one counts as unset', async () => {
    expect((await decode({ OIDCGW_OUTPUT: 'json' }, '--output', 'text')).stdout).not.toMatch(/^\{/)
    expect(await decode({ OIDCGW_OUTPUT: '' }, '-q')).toEqual(await decode({}, '-q'))
    const port = await cli(['gateway', 'run', 'nowhere.yaml'], { env: { OIDCGW_GATEWAY_PORT: '99999' } })
    expect(port).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('OIDCGW_GATEWAY_PORT') as string })
    const given = await cli(['gateway', 'run', 'nowhere.yaml', '--port', '0'], { env: { OIDCGW_GATEWAY_PORT: '99999' } })
    expect(given.stderr).not.toContain('OIDCGW_GATEWAY_PORT')
  })

  test.for([
    ['a choice', { OIDCGW_OUTPUT: 'xml' }, "'-o, --output <format>' value 'xml' from env 'OIDCGW_OUTPUT' is invalid. Allowed choices are"],
    ['a duration', { OIDCGW_TIMEOUT: 'soon' }, "value 'soon' from env 'OIDCGW_TIMEOUT' is invalid. Write a duration as"],
  ] as const)('a variable that is not %s is exit 2, one line', async ([, env, says]) => {
    const result = await cli(['token', '-q'], { env })
    expect(result).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringMatching(/^oidcgw: option [^\n]+\n$/) as string })
    expect(result.stderr).toContain(says)
  })

  test.for([
    ['1', true],
    ['yes', true],
    ['', false],
    ['0', false],
    ['false', false],
  ] as const)('OIDCGW_INSECURE=%s: certificates go unverified is %s', async ([value, on]) => {
    const line = ['token', '-q', '--issuer', 'http://127.0.0.1:1', '--client-id', 'x', '--no-store', '--grant', 'client_credentials']
    const { stderr, exitCode } = await cli(line, { env: { OIDCGW_INSECURE: value } })
    expect({ exitCode, warns: stderr.includes('server certificates are not verified') }).toEqual({ exitCode: 4, warns: on })
  })

  test('every variable stands in the help, and none is left for commander to read by itself', async () => {
    expect((await cli(['token', '--help'])).stdout).toMatch(/--issuer <url> +the provider \(env: OIDCGW_ISSUER\)\n/)
    const start = async (): Promise<void> => undefined
    const program = createProgram({ stdout: { write: () => true }, stderr: { write: () => true }, env: {} }, start)
    const own = (command: Command): string[] => [
      ...command.options.flatMap(({ envVar }) => envVar ?? []),
      ...command.commands.flatMap((child) => own(child as Command)),
    ]
    expect(own(program)).toEqual([])
  })
})
