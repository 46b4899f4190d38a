import { createPrivateKey, type JsonWebKeyInput } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { generateJwk, publicJwk } from '../../src/jwt/generate-key.js'
import { createKeySet, keySetOfJwk, keySetOfPem } from '../../src/jwt/key-set.js'
import { lacksModuleLattice } from '../../src/jwt/module-lattice.js'
import { signJwt } from '../../src/jwt/sign.js'
import { thumbprint } from '../../src/jwt/thumbprint.js'
import type { Jwk } from '../../src/jwt/types.js'
import { verifyJwt } from '../../src/jwt/verify.js'
import { createWorkspace } from '../client/workspace.js'
import { spoil } from './examples.js'

interface Example {
  readonly alg: string
  /** The thumbprint; of ML-DSA-44 as RFC 9964 prints it for a seed of zeros. */
  readonly kid: string
  readonly key: Jwk
  readonly token: string
}
const path = new URL('../../fixtures/tokens/ml-dsa.json', import.meta.url)
const examples = JSON.parse(readFileSync(path, 'utf8')) as readonly [Example, Example, Example]
const publicOf = (key: Jwk): Jwk => publicJwk(key) as Jwk
const now = 1_800_000_000_000

test.for([
  ['20.19.0', true],
  ['24.5.0', true],
  ['24.6.0', false],
  ['26.0.0', false],
] as const)('Node %s lacks ML-DSA: %s', ([version, lacks]) => {
  expect(lacksModuleLattice(version)).toBe(lacks)
})

test.for(examples)('the thumbprint of $alg is the kid, on any Node (RFC 9964 §6)', ({ key, kid }) => {
  expect(thumbprint(publicOf(key))).toBe(kid)
  expect(publicOf(key)['priv']).toBeUndefined()
})

describe.skipIf(lacksModuleLattice())('ML-DSA (RFC 9964), where the runtime has it', () => {
  test.for(examples)('$alg verifies with its own key, and not when altered or with another variant', ({ alg, key, token }) => {
    expect(verifyJwt(token, { keys: keySetOfJwk(publicOf(key)), now })).toMatchObject({ valid: true })
    const invalid = (text: string, jwk: Jwk) => {
      const { valid, checks } = verifyJwt(text, { keys: keySetOfJwk(jwk), now })
      expect(valid).toBe(false)
      return checks.flatMap(({ check, outcome, reason }) => (outcome === 'fail' ? `${check}: ${reason}` : []))
    }
    expect(invalid(spoil(token), publicOf(key))).toEqual([expect.stringMatching(/^signature: /)])
    expect(invalid(token.slice(0, -4), publicOf(key))).toEqual([expect.stringMatching(/^(signature|format): /)])
    for (const other of examples.filter((row) => row.alg !== alg)) {
      expect(invalid(token, publicOf(other.key))).toEqual([expect.stringContaining(`no key for alg ${alg}: that key is for ${other.alg}`)])
    }
  })

  test.for(examples)('$alg: what is minted with a new key verifies with its public half alone', ({ alg }) => {
    const jwk = generateJwk(alg)
    const token = signJwt(
      { alg, kid: jwk.kid as string },
      { sub: 'alice', exp: now / 1000 + 60 },
      createPrivateKey({ key: jwk, format: 'jwk' } as JsonWebKeyInput),
    )
    expect(verifyJwt(token, { keys: createKeySet({ keys: [publicOf(jwk)] }), now })).toMatchObject({ valid: true })
    expect(verifyJwt(token, { keys: createKeySet({ keys: [publicOf(generateJwk(alg))] }), now }).valid).toBe(false)
  })

  test('keys new, mint, verify, public --pem on the command line', async () => {
    const { run, folder } = await createWorkspace()
    const line = async (text: string) => {
      const { exitCode, stdout, stderr } = await run(text)
      expect(exitCode, stderr).toBe(0)
      return stdout
    }
    await line('keys new --alg ML-DSA-65 --write key.json')
    const token = (await line('mint sub=alice --key key.json')).trim()
    expect(await line(`verify ${token} --key key.json`)).toContain('alg        ML-DSA-65')
    const pem = await line('keys public key.json --pem')
    expect(pem).toMatch(/^-----BEGIN PUBLIC KEY-----/)
    expect(verifyJwt(token, { keys: keySetOfPem(pem), now: new Date() })).toMatchObject({ valid: true })
    expect(await run(`verify ${spoil(token)} --key ${folder}/key.json`)).toMatchObject({ exitCode: 1 })
  })
})

/** As Node 24 writes it: the key of the first example. */
const PEM = `-----BEGIN PUBLIC KEY-----\n${Buffer.concat([
  Buffer.from('30820532300b06096086480165030403110382052100', 'hex'),
  Buffer.from(String(examples[0].key['pub']), 'base64url'),
]).toString('base64')}\n-----END PUBLIC KEY-----\n`

test.skipIf(lacksModuleLattice())('the PEM of the next tests is a good one', () => {
  expect(verifyJwt(examples[0].token, { keys: keySetOfPem(PEM), now })).toMatchObject({ valid: true })
})

describe.skipIf(!lacksModuleLattice())('ML-DSA, where the runtime lacks it', () => {
  const cannot = expect.stringMatching(/it is for ML-DSA, which this Node \(\d+\.\d+\.\d+\) cannot do/) as string
  const hint = expect.stringContaining('hint: ML-DSA needs Node 24.6 or later') as string

  test('a token is not valid, and the reason is said: nothing is believed that cannot be checked', () => {
    const [{ token, key }] = examples
    const { valid, checks } = verifyJwt(token, { keys: createKeySet({ keys: [publicOf(key)] }), now })
    expect(valid).toBe(false)
    expect(checks).toContainEqual(expect.objectContaining({ check: 'key', outcome: 'fail', reason: cannot }))
  })

  test.for([
    ['keys new', 'keys new --alg ML-DSA-44', expect.stringContaining('this runtime makes no keys for ML-DSA-44') as string],
    ['mint', 'mint sub=alice --key key.json', cannot],
    ['verify with a JWK', 'verify TOKEN --key key.json', cannot],
    ['verify with a PEM', 'verify TOKEN --pem key.pem', cannot],
    ['keys public --pem', 'keys public key.json --pem', cannot],
    ['keys public of a PEM', 'keys public key.pem', cannot],
  ] as const)('%s is exit 2, and says which Node can', async ([, line, says]) => {
    const { run, write } = await createWorkspace()
    await write('key.json', JSON.stringify(examples[0].key))
    await write('key.pem', PEM)
    const { exitCode, stdout, stderr } = await run(line.replace('TOKEN', examples[0].token))
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toEqual(says)
    expect(stderr).toEqual(hint)
  })

  test('another unreadable key is not blamed on the runtime', async () => {
    const { run, write } = await createWorkspace()
    await write('key.json', JSON.stringify({ kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA', d: 'AA' }))
    for (const line of ['mint sub=alice --key key.json', `verify ${examples[0].token} --key key.json`]) {
      const { exitCode, stderr } = await run(line)
      expect(exitCode).toBe(2)
      expect(stderr).not.toMatch(/ML-DSA|24\.6/)
    }
  })
})
