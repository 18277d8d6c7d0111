"""What programs may ask for as JSON: the routes, each with its declaration, and the OpenAPI document made of them."""
