/* SPDX-License-Identifier: Apache-2.0 */
/* Draws what /openapi.json says and sends what is asked for. Everything from the server is put in as text. */
"use strict";

function make(tag, properties, ...children) {
	const element = Object.assign(document.createElement(tag), properties);
	element.append(...children);
	return element;
}

function resolve(doc, item) {
	return item.$ref ? item.$ref.slice(2).split("/").reduce((at, key) => at[key], doc) : item;
}

function shellWord(text) {
	return /^[\w@%+=:,./-]+$/.test(text) ? text : "'" + text.replaceAll("'", "'\\''") + "'";
}

class Operation {
	constructor(doc, path, method, operation) {
		Object.assign(this, { doc, path, method, operation });
		this.parameters = (operation.parameters || []).map((p) => resolve(doc, p));
		this.inputs = new Map();
		this.words = [path, operation.summary, operation.operationId].join(" ").toLowerCase();
		this.answer = make("div", { className: "answer" });
		this.answer.setAttribute("role", "status");
		this.element = this.draw();
	}

	draw() {
		const form = make("form", { className: "inside" }, make("p", { textContent: this.operation.description }));
		for (const p of this.parameters)
			form.append(this.drawParameter(p));
		if (this.operation.requestBody)
			form.append(this.drawBody(this.operation.requestBody));
		form.append(make("button", { textContent: "Send" }), this.answer);
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			this.send();
		});
		return make("details", { id: this.operation.operationId },
			make("summary", {}, make("span", { className: "method " + this.method, textContent: this.method.toUpperCase() }),
				make("span", { className: "path", textContent: this.path }),
				make("span", { className: "what", textContent: this.operation.summary })), form);
	}

	drawField(name, input, text) {
		input.id = this.operation.operationId + "-" + name;
		this.inputs.set(name, input);
		return make("div", { className: "field" }, make("label", { htmlFor: input.id, textContent: name }), input,
			make("small", { textContent: text }));
	}

	drawParameter(p) {
		const input = make("input", { autocomplete: "off", required: !!p.required });
		const lists = { region: "regions", id: "ids" };
		if (lists[p.name])
			input.setAttribute("list", lists[p.name]);
		if (!p.required && p.example !== undefined)
			input.placeholder = "for example " + [].concat(p.example).join(" ");
		return this.drawField(p.name, input, p.description);
	}

	drawBody(body) {
		const media = body.content["application/json"];
		const first = Object.values(media.examples || {})[0];
		return this.drawField("body", make("textarea", { spellcheck: false, value: JSON.stringify(first ? first.value : {}, null, 2) }),
			body.description);
	}

	target() {
		const query = new URLSearchParams();
		let path = this.path;
		for (const p of this.parameters) {
			const value = this.inputs.get(p.name).value.trim();
			if (p.in === "path")
				path = path.replace("{" + p.name + "}", encodeURIComponent(value));
			else if (value)
				for (const one of p.explode ? value.split(/\s+/) : [value])
					query.append(p.name, one);
		}
		return path + (query.toString() ? "?" + query : "");
	}

	async send() {
		const target = this.target();
		const body = this.inputs.get("body")?.value;
		const options = { method: this.method.toUpperCase() };
		let command = "curl -s " + shellWord(location.origin + target);
		if (body !== undefined) {
			Object.assign(options, { body, headers: { "Content-Type": "application/json" } });
			command += " -d " + shellWord(body);
		}
		try {
			const reply = await fetch(target, options);
			this.show(command, reply, await reply.text());
		} catch (error) {
			this.answer.replaceChildren(make("span", { className: "status bad", textContent: "No answer: " + error.message }));
		}
	}

	show(command, reply, text) {
		const type = reply.headers.get("Content-Type") || "";
		let shown = text;
		if (/json/.test(type)) {
			try {
				shown = JSON.stringify(JSON.parse(text), null, 2);
			} catch {
				shown = text;
			}
		}
		const headers = ["Content-Type", "ETag", "Expires", "Last-Modified", "X-Region-Status", "Retry-After", "Allow"]
			.filter((name) => reply.headers.get(name)).map((name) => name + ": " + reply.headers.get(name));
		this.answer.replaceChildren(
			make("pre", { textContent: command }),
			make("p", {}, make("span", { className: reply.ok ? "status" : "status bad", textContent: reply.status + " " + reply.statusText })),
			make("pre", { textContent: headers.join("\n") }), make("pre", { textContent: shown }));
	}
}

/* What can be asked for: names for the inputs, the first of them filled in. */
async function offer(operations) {
	const reply = await fetch("/v1/flavors?fields=region,id,name");
	const list = reply.ok ? await reply.json() : { flavors: [], regions: [] };
	const regions = document.getElementById("regions"), ids = document.getElementById("ids");
	for (const region of list.regions)
		regions.append(make("option", { value: region.name }));
	for (const flavor of list.flavors)
		ids.append(make("option", { value: flavor.id, label: flavor.name + " – " + flavor.region }));
	const first = list.flavors[0];
	for (const operation of first ? operations : [])
		for (const p of operation.parameters.filter((one) => one.in === "path"))
			operation.inputs.get(p.name).value = p.name === "region" ? first.region : first.id;
	const fit = operations.find((one) => one.inputs.has("body"));
	if (fit && first)
		fit.inputs.get("body").value = JSON.stringify({ flavors: { [first.name]: 2 } }, null, 2);
}

function find(operations, text) {
	for (const operation of operations)
		operation.element.hidden = !operation.words.includes(text.trim().toLowerCase());
	for (const heading of document.querySelectorAll("section"))
		heading.hidden = ![...heading.querySelectorAll("details")].some((one) => !one.hidden);
}

async function start() {
	const main = document.getElementById("operations");
	const reply = await fetch("/openapi.json");
	const doc = await reply.json();
	const operations = [];
	document.getElementById("title").textContent = doc.info.title + " " + doc.info.version;
	document.getElementById("summary").textContent = doc.info.summary;
	for (const [path, methods] of Object.entries(doc.paths))
		for (const [method, operation] of Object.entries(methods))
			operations.push(new Operation(doc, path, method, operation));
	main.replaceChildren(...doc.tags.map((tag) => make("section", {}, make("h2", { textContent: tag.description }),
		...operations.filter((one) => one.operation.tags.includes(tag.name)).map((one) => one.element))));
	document.getElementById("find").addEventListener("input", (event) => find(operations, event.target.value));
	await offer(operations);
	document.body.dataset.ready = "yes";
}

start().catch((error) => {
	document.getElementById("operations").textContent = "This page could not be drawn: " + error.message;
});
