export interface Lesson {
  title: string
  minutes: number
}

export interface Course {
  slug: string
  title: string
  teacher: string
  /** What makes the teacher worth listening to. */
  trade: string
  level: 'Beginner' | 'Intermediate' | 'Everyone'
  /** In euros. */
  price: number
  short: string
  about: string
  learn: string[]
  lessons: Lesson[]
}

export const courses: readonly Course[] = [
  {
    slug: 'sourdough-from-scratch',
    title: 'Sourdough from Scratch',
    teacher: 'Marta Lindqvist',
    trade: 'Baker, eleven years of night shifts',
    level: 'Beginner',
    price: 39,
    short: 'Flour, water, salt and patience. Keep a starter alive and bake a loaf with an open crumb.',
    about:
      'Most recipes give you numbers. Marta shows you what dough looks and feels like at every hour, so that you can bake by hand and eye in your own kitchen, with your own flour.',
    learn: ['Raise a starter and keep it for years', 'Read fermentation instead of the clock', 'Shape, score and bake with steam', 'Rescue a loaf that went wrong'],
    lessons: [
      { title: 'What is alive in there', minutes: 12 },
      { title: 'Your starter, day by day', minutes: 18 },
      { title: 'Mixing without kneading', minutes: 16 },
      { title: 'The long rise', minutes: 21 },
      { title: 'Shaping and scoring', minutes: 24 },
      { title: 'Steam, heat and the first slice', minutes: 19 },
    ],
  },
  {
    slug: 'typography-for-screens',
    title: 'Typography for Screens',
    teacher: 'Idris Okafor',
    trade: 'Type designer, drew four families you have read',
    level: 'Intermediate',
    price: 59,
    short: 'Choose, set and space type that people read to the end, from a phone to a wall.',
    about:
      'Good type is mostly spacing and restraint. Idris takes one plain page and, lesson by lesson, turns it into something you want to read, and explains each decision on the way.',
    learn: ['Pair typefaces without guessing', 'Build a scale that holds on every screen', 'Set line length, leading and rhythm', 'Use variable fonts and keep pages fast'],
    lessons: [
      { title: 'How we read', minutes: 14 },
      { title: 'Choosing one typeface', minutes: 22 },
      { title: 'Choosing the second', minutes: 17 },
      { title: 'A scale, and when to break it', minutes: 25 },
      { title: 'Space is the other half', minutes: 20 },
      { title: 'Numbers, tables and other hard parts', minutes: 23 },
      { title: 'A page, start to finish', minutes: 34 },
    ],
  },
  {
    slug: 'practical-sql',
    title: 'Practical SQL',
    teacher: 'Hana Kimura',
    trade: 'Data engineer, answers questions for a living',
    level: 'Beginner',
    price: 49,
    short: 'Ask a database real questions and trust the answers. From the first SELECT to window functions.',
    about:
      'You get the database of a small bakery chain and a manager with questions. Each lesson answers one of them. By the end you write the query before you think about the syntax.',
    learn: ['Join tables and know what you lost', 'Group, filter and compare over time', 'Use window functions with ease', 'Find out why a query is slow'],
    lessons: [
      { title: 'The first question', minutes: 11 },
      { title: 'Joins, drawn by hand', minutes: 26 },
      { title: 'Counting without counting twice', minutes: 19 },
      { title: 'This week against last week', minutes: 24 },
      { title: 'Windows', minutes: 31 },
      { title: 'Reading a plan', minutes: 22 },
    ],
  },
  {
    slug: 'night-photography',
    title: 'Night Photography',
    teacher: 'Tomás Herrera',
    trade: 'Photographer, twenty winters in the Andes',
    level: 'Intermediate',
    price: 45,
    short: 'Stars, streets and long exposures. Plan a night out and come home with three pictures worth keeping.',
    about:
      'The dark is forgiving once you know what your camera can see. Tomás goes out on four nights, under clear skies and bad ones, and you look over his shoulder.',
    learn: ['Focus when there is nothing to see', 'Plan by moon, weather and map', 'Expose for stars and for trails', 'Develop without losing the night'],
    lessons: [
      { title: 'What the camera sees', minutes: 15 },
      { title: 'Before you leave the house', minutes: 13 },
      { title: 'First night: the city', minutes: 28 },
      { title: 'Second night: the Milky Way', minutes: 33 },
      { title: 'Third night: clouds', minutes: 21 },
      { title: 'At the desk', minutes: 27 },
    ],
  },
  {
    slug: 'houseplants-that-live',
    title: 'Houseplants That Live',
    teacher: 'Priya Raman',
    trade: 'Botanist, keeps 212 plants in two rooms',
    level: 'Everyone',
    price: 24.5,
    short: 'Light, water and soil, explained once and properly. Your next plant will outlive the last one.',
    about:
      'Plants die of kindness more than of neglect. Priya shows what a leaf is telling you, how to measure the light in a room with your phone, and which plant wants to live with you.',
    learn: ['Measure light and choose the spot', 'Water by weight, not by date', 'Repot without a shock', 'Multiply what you have'],
    lessons: [
      { title: 'Where is the light?', minutes: 10 },
      { title: 'The finger, the stick, the scales', minutes: 14 },
      { title: 'Soil is a sponge', minutes: 12 },
      { title: 'Leaves that talk', minutes: 17 },
      { title: 'Cuttings', minutes: 15 },
    ],
  },
  {
    slug: 'speaking-without-panic',
    title: 'Speaking Without Panic',
    teacher: 'Beatrice Moreau',
    trade: 'Stage director, coaches people who would rather not',
    level: 'Everyone',
    price: 69,
    short: 'Find your first sentence, slow down, and let a room of people listen to you.',
    about:
      'You will not lose your nerves, and you will not need to. Beatrice works on breath, pace and one clear thought at a time, with five short talks that you record for yourself.',
    learn: ['Open with a sentence that holds', 'Use nerves instead of hiding them', 'Pause, and bear the silence', 'Answer the question you did not expect'],
    lessons: [
      { title: 'Why the body does that', minutes: 13 },
      { title: 'One thought, one talk', minutes: 20 },
      { title: 'The first thirty seconds', minutes: 18 },
      { title: 'Slides, if you must', minutes: 16 },
      { title: 'Silence', minutes: 11 },
      { title: 'Questions from the floor', minutes: 22 },
    ],
  },
]

export function courseOf(slug: string): Course | undefined {
  return courses.find((course) => course.slug === slug)
}

/** The courses that have every word of the query somewhere in what the catalogue says of them. */
export function search(query: string): readonly Course[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  return courses.filter((course) => {
    const text = [course.title, course.teacher, course.level, course.short, ...course.learn].join(' ').toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

export function minutesOf(course: Course): number {
  return course.lessons.reduce((sum, lesson) => sum + lesson.minutes, 0)
}
