/* Stripe's Payment Element. Without it the page's other form leads to Stripe's own page. */
(() => {
  "use strict";
  const form = document.getElementById("stripe-pay");
  if (!form || typeof window.Stripe !== "function") return;

  const problem = document.getElementById("stripe-problem");
  const button = form.querySelector("button");
  const { key, secret, language, failed } = form.dataset;
  const stripe = window.Stripe(key, { locale: language });

  const show = (text) => {
    problem.textContent = text;
    problem.hidden = !text;
  };

  const start = (intent) => {
    if (!intent || intent.status === "canceled") return; // it went on at Stripe's own page
    const elements = stripe.elements({ clientSecret: secret });
    elements.create("payment").mount("#stripe-fields");
    form.hidden = false;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      button.disabled = true; // a second click would only ask again
      show("");
      const { error } = await stripe.confirmPayment({
        elements,
        confirmParams: { return_url: form.dataset.return },
      });
      show((error && error.message) || failed); // reached only when nothing was redirected
      button.disabled = false;
    });
  };

  stripe.retrievePaymentIntent(secret).then(({ paymentIntent }) => start(paymentIntent));
})();
