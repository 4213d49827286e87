import { isEnrolled, linesOf } from './cart'
import { courseOf, courses, minutesOf, search } from './courses'
import type { Course } from './courses'
import { cover } from './covers'
import { html } from './html'
import type { Html } from './html'
import { formatMinutes, formatPrice, totalOf } from './prices'
import { pathOf } from './routes'
import type { Route } from './routes'

export interface View {
  title: string
  body: Html
}

export function view(route: Route): View {
  switch (route.page) {
    case 'catalogue':
      return { title: 'Oakroom: short courses from people who do the work', body: catalogue(route.query) }
    case 'course': {
      const course = courseOf(route.slug)
      return course ? { title: `${course.title} – Oakroom`, body: coursePage(course) } : missing
    }
    case 'missing':
      return missing
  }
}

function catalogue(query: string): Html {
  return html`
    <section class="hero wide">
      <div class="hero-words">
        <p class="eyebrow">Online courses, an evening each</p>
        <h1 tabindex="-1">Learn it from someone who does it.</h1>
        <p class="lead">
          Six short courses by a baker, a type designer, a botanist and others who work with their hands, eyes and voice
          every day. Watch at your own pace, keep them for good.
        </p>
        <p class="hero-links">
          <a class="button button-strong" href="#courses">See the courses</a>
          <span class="stars"><span aria-hidden="true">★★★★★</span> 4.9 from 2,318 learners</span>
        </p>
      </div>
      <div class="hero-art" aria-hidden="true">
        ${['night-photography', 'sourdough-from-scratch', 'houseplants-that-live'].map(
          (slug) => html`<div class="hero-card">${cover(slug)}</div>`,
        )}
      </div>
    </section>
    <section class="wide" id="courses" aria-labelledby="courses-title">
      <div class="section-head">
        <h2 id="courses-title">All courses</h2>
        <p class="found" id="found" role="status"></p>
      </div>
      <div id="results">${results(query)}</div>
    </section>
  `
}

/** The part of the catalogue that a search changes. */
export function results(query: string): Html {
  const found = search(query)
  if (!found.length) {
    return html`<div class="nothing">
      <p>No course speaks of “${query}” yet.</p>
      <button class="button button-soft" type="button" data-act="show-all">Show all courses</button>
    </div>`
  }
  return html`<ul class="cards">
    ${found.map((course) => html`<li>${card(course)}</li>`)}
  </ul>`
}

export function foundText(query: string): string {
  const count = search(query).length
  return query ? `${count} of ${courses.length} for “${query}”` : ''
}

function card(course: Course): Html {
  return html`<article class="card">
    <div class="card-cover">${cover(course.slug)}<span class="level">${course.level}</span>${enrolled(course)}</div>
    <div class="card-words">
      <h3 id="${course.slug}-title"><a href="${pathOf({ page: 'course', slug: course.slug })}">${course.title}</a></h3>
      <p class="by">${course.teacher}</p>
      <p class="short">${course.short}</p>
      <p class="facts">
        <span>${course.lessons.length} lessons, ${formatMinutes(minutesOf(course))}</span>
        <strong class="price">${formatPrice(course.price)}</strong>
      </p>
      ${actions(course)}
    </div>
  </article>`
}

function actions(course: Course): Html {
  const { slug, price } = course
  return html`<div class="actions">
    <button
      class="button button-soft"
      type="button"
      data-act="enroll"
      data-track="Enroll Now"
      data-track-course="${slug}"
      aria-describedby="${slug}-title"
    >
      Enroll Now
    </button>
    <button
      class="button button-strong"
      type="button"
      data-act="buy"
      data-track="Buy Now"
      data-track-value="${price}"
      data-track-course="${slug}"
      aria-describedby="${slug}-title"
    >
      Buy Now
    </button>
  </div>`
}

/** On the picture, where it takes no room: a button must not move under the finger that presses it. */
function enrolled({ slug }: Course): Html {
  return html`<span class="enrolled" id="${slug}-enrolled" ${isEnrolled(slug) ? '' : 'hidden'}>
    <span aria-hidden="true">✓</span> Enrolled
  </span>`
}

function coursePage(course: Course): Html {
  return html`
    <div class="wide">
      <nav class="crumbs" aria-label="Breadcrumb">
        <a href="${pathOf({ page: 'catalogue', query: '' })}">All courses</a>
        <span aria-hidden="true">/</span>
        <span aria-current="page">${course.title}</span>
      </nav>
      <div class="course">
        <div class="course-words">
          <header>
            <p class="eyebrow">${course.level}</p>
            <h1 id="${course.slug}-title" tabindex="-1">${course.title}</h1>
            <p class="lead">${course.short}</p>
            <p class="teacher">
              <span class="initials" aria-hidden="true">${initialsOf(course.teacher)}</span>
              <span><strong>${course.teacher}</strong><br />${course.trade}</span>
            </p>
          </header>
          <p class="about">${course.about}</p>
          <section aria-labelledby="learn-title">
            <h2 id="learn-title">What you learn</h2>
            <ul class="learn">
              ${course.learn.map((point) => html`<li>${point}</li>`)}
            </ul>
          </section>
          <section aria-labelledby="lessons-title">
            <h2 id="lessons-title">Lessons</h2>
            <ol class="lessons">
              ${course.lessons.map(
                (lesson) => html`<li><span>${lesson.title}</span><span class="minutes">${lesson.minutes} min</span></li>`,
              )}
            </ol>
          </section>
        </div>
        <aside class="offer" aria-label="Price">
          <div class="offer-cover">
            ${cover(course.slug)}${enrolled(course)}
            <a class="watch" href="#preview" data-act="preview" data-course="${course.slug}">
              <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M8 5v14l11-7Z" fill="currentColor" /></svg>
              Watch preview
            </a>
          </div>
          <div class="offer-words">
            <p class="offer-price">${formatPrice(course.price)} <small>once, yours for good</small></p>
            ${actions(course)}
            <ul class="promises">
              <li>${course.lessons.length} lessons, ${formatMinutes(minutesOf(course))} in all</li>
              <li>Captions in five languages</li>
              <li>Thirty days to change your mind</li>
            </ul>
          </div>
        </aside>
      </div>
    </div>
  `
}

const missing: View = {
  title: 'Not found – Oakroom',
  body: html`<section class="nothing wide">
    <h1 tabindex="-1">There is no such page</h1>
    <p>The course may have moved to another evening.</p>
    <a class="button button-strong" href="${pathOf({ page: 'catalogue', query: '' })}">All courses</a>
  </section>`,
}

export function previewBox(course: Course): Html {
  const first = course.lessons[0]!
  return html`
    <div class="preview-picture">
      ${cover(course.slug)}
      <div class="progress" aria-hidden="true"><span></span></div>
    </div>
    <div class="preview-words">
      <div>
        <h2 id="preview-title">${course.title}: the preview</h2>
        <p>From “${first.title}”, ${first.minutes} minutes, with ${course.teacher}.</p>
      </div>
      <form method="dialog"><button class="button button-soft">Close</button></form>
    </div>
  `
}

export function cartBox(): Html {
  const lines = linesOf()
  return html`
    <header class="drawer-head">
      <h2 id="cart-title">Your cart</h2>
      <form method="dialog"><button class="icon-button" aria-label="Close the cart">✕</button></form>
    </header>
    ${lines.length === 0 && html`<p class="drawer-empty">Nothing in here yet. Press “Buy Now” on a course you like.</p>`}
    <ul class="drawer-lines">
      ${lines.map(
        ({ course, seats }) => html`<li>
          ${cover(course.slug)}
          <span class="drawer-title">${course.title}<small>${seats === 1 ? '1 seat' : `${seats} seats`}</small></span>
          <span>${formatPrice(totalOf([{ price: course.price, seats }]))}</span>
          <button class="icon-button" type="button" data-act="remove" data-course="${course.slug}" aria-label="Remove ${course.title}">✕</button>
        </li>`,
      )}
    </ul>
    ${
      lines.length > 0 &&
      html`<footer class="drawer-foot">
        <p><span>Total</span><strong>${formatPrice(totalOf(lines))}</strong></p>
        <button class="button button-strong" type="button" data-act="checkout" data-track="Check Out" data-track-value="${totalOf(lines)}">
          Check out
        </button>
        <small>A demonstration: nothing is charged.</small>
      </footer>`
    }
  `
}

function initialsOf(name: string): string {
  return name.replace(/(\p{Lu})\p{Ll}+ ?/gu, '$1')
}
