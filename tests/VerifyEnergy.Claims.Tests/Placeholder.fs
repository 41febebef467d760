namespace VerifyEnergy.Claims.Tests

type internal Placeholder = class end
