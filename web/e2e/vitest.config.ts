import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Every wait inside a test is bounded and says what it waited for; this is for what hangs all the same.
    testTimeout: 600_000,
    hookTimeout: 60_000,
    // Each test runs processes of its own, and waits for them more than it works.
    pool: 'forks',
    maxWorkers: 2,
    // What is measured (press to Prometheus) is printed.
    disableConsoleIntercept: true,
  },
})
