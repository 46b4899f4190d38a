import type { Scene } from '../scene.js'

/** One of the four tutorials, as a program: it publishes configuration, plays the parts, and asserts what the tutorial says. */
export interface Story {
  readonly number: 1 | 2 | 3 | 4
  readonly name: string
  readonly title: string
  play(scene: Scene): Promise<void>
}
