import { run } from './tag.js'

run()
