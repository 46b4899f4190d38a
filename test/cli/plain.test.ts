import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { plainCommand } from '../../src/cli/plain.js'
import { runProgram } from '../../src/cli/program.js'
import { signJwt } from '../../src/jwt/sign.js'
import { createMemoryHost, runOn } from '../support/memory-host.js'

describe('what needs no option parser', () => {
  test.for([
    { line: 'decode', plain: { argument: undefined, options: {} } },
    { line: 'decode eyJ.e30.', plain: { argument: 'eyJ.e30.', options: {} } },
    { line: 'decode -', plain: { argument: '-', options: {} } },
    { line: 'token m2m', plain: { argument: 'm2m', options: {} } },
    { line: 'verify --jwks k.json', plain: { argument: undefined, options: { jwks: 'k.json' } } },
    { line: 'verify --jwks k.json eyJ.e30.', plain: { argument: 'eyJ.e30.', options: { jwks: 'k.json' } } },
    { line: 'verify - --pem k.pem --aud a b --iss i', plain: { argument: '-', options: { pem: 'k.pem', aud: ['a', 'b'], iss: ['i'] } } },
    // variadic: the parser gives `--aud` every word that follows
    { line: 'verify --aud a eyJ.e30.', plain: { argument: undefined, options: { aud: ['a', 'eyJ.e30.'] } } },
    { line: 'verify --jwks k.json --aud', plain: undefined },
    { line: 'verify --jwks - --aud a', plain: undefined },
    { line: 'verify --jwks a --jwks b', plain: undefined },
    { line: 'verify one two --jwks k.json', plain: undefined },
    { line: 'verify --jwks=k.json', plain: undefined },
    { line: 'verify --jwks k.json --json', plain: undefined },
    { line: 'decode --json', plain: undefined },
    { line: 'decode --jwks k.json', plain: undefined },
    { line: 'token m2m --fresh', plain: undefined },
    { line: 'probe https://gateway.example/', plain: undefined },
  ])('$line', ({ line, plain }) => {
    const [command, ...words] = line.split(' ')
    expect(plainCommand([command as string, ...words], {})).toEqual(plain && { command, ...plain })
  })

  test('a shared flag by environment is one, too', () => {
    expect(plainCommand(['decode'], { OIDCGW_OUTPUT: 'json' })).toBeUndefined()
    expect(plainCommand(['decode'], { OIDCGW_ISSUER: 'https://idp.example' })).toBeDefined()
  })
})

describe('both ways say the same', () => {
  test.for([
    { name: 'valid', flags: ['--aud', 'orders', '--iss', 'https://idp.example'], code: 0 },
    { name: 'another audience', flags: ['--aud', 'billing'], code: 1 },
    { name: 'one of two audiences', flags: ['--aud', 'billing', 'orders'], code: 0 },
  ])('verify: $name → $code', async ({ flags, code }) => {
    const folder = await mkdtemp(join(tmpdir(), 'oidcgw-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwks = join(folder, 'jwks.json')
    await writeFile(jwks, JSON.stringify({ keys: [publicKey.export({ format: 'jwk' })] }))
    const exp = Math.floor(Date.now() / 1000) + 60
    const token = signJwt({ alg: 'ES256' }, { iss: 'https://idp.example', aud: 'orders', exp }, privateKey)
    const words = ['verify', token, '--jwks', jwks, ...flags]
    expect(plainCommand(words, {})).toBeDefined()
    const now = new Date()
    const [plain, parsed] = [createMemoryHost({ now: () => now }), createMemoryHost({ now: () => now })]
    expect([await runOn(plain, words), await runProgram(words, parsed)]).toEqual([code, code])
    expect(plain.out()).toBe(parsed.out())
    expect(plain.out()).toContain('signature')
  })
})
