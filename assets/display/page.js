"use strict";
// What was just earned stays to be read for a while, when the counter is already
// waiting for the next customer.
const linger = 8000;
let shown = null, since = 0, waiting = 0;

const at = (id) => document.getElementById(id);

function make(tag, text, className) {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function card(c) {
  const made = make("div", "", "card");
  const head = document.createElement("header");
  head.append(make("span", c.name), make("span", c.count));
  const places = make("div", "", "places");
  places.setAttribute("aria-hidden", "true");
  // As people know it from paper: two rows where one would be long.
  const row = c.size <= 5 ? c.size : c.size <= 12 ? Math.ceil(c.size / 2) : 10;
  places.style.setProperty("grid-template-columns", `repeat(${row}, auto)`);
  const plain = c.stamp === "" || c.stamp === "●";
  for (let i = 0; i < c.size; i++) {
    const filled = i < c.have;
    places.append(make("span", filled && !plain ? c.stamp : "", "place" + (filled ? " filled" : "") + (plain ? " plain" : "")));
  }
  made.append(head, places);
  return made;
}

function show(frame) {
  shown = frame;
  since = Date.now();
  document.documentElement.lang = frame.language;
  document.documentElement.dir = frame.right ? "rtl" : "ltr";
  document.title = frame.shop;
  at("logo").textContent = (frame.logo || []).join("\n");
  for (const id of ["shop", "title", "said", "points"]) at(id).textContent = frame[id] || "";
  at("cards").replaceChildren(...(frame.cards || []).map(card));
  at("rewards").replaceChildren(...(frame.rewards || []).map((text) => make("li", "★ " + text)));
  at("news").replaceChildren(...(frame.news || []).map((text) => make("li", text)));
  if (frame.qr) at("qr").src = "code.svg?text=" + encodeURIComponent(frame.qr);
  else at("qr").removeAttribute("src");
}

function told(frame) {
  clearTimeout(waiting);
  const left = since + linger - Date.now();
  if (frame.idle && shown && shown.said && left > 0) waiting = setTimeout(show, left, frame);
  else show(frame);
}

const events = new EventSource("events");
events.onmessage = (event) => told(JSON.parse(event.data));
